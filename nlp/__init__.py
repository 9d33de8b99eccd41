"""What the words say: sentences, groups, voices and cues. No probabilities here."""
