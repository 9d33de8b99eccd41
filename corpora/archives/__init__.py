"""Archives of researchers as rows that a story can be made of: tables, WARC files, folders of pages; all hostile."""
