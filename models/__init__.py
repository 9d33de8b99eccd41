"""How likely: an encoder, TF-IDF and linear heads that act as one more coder."""
