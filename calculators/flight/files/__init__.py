"""What do all the flights of a file emit? Spreadsheets as people have them, answered row by row."""
