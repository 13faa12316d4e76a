"""The file system: atomic writes, locks, access rights and folders."""
