"""An invented county whose newspapers are served on loopback: what the demonstration collects."""
