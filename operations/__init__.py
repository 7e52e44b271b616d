"""What operators ask, a folder or a file each. Everything here only reads."""
