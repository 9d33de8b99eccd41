"""Geography: place names, and which local authority a name or a story means."""
