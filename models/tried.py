"""What was tried before the shipped model, for its card: figures measured while building, by hand."""

TRIED = ""
