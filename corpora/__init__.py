"""What was published, by whom, where; and what coders said about it."""
