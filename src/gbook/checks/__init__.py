"""The checks of `gbook check`: errors and likely mistakes in the files of a workspace."""
