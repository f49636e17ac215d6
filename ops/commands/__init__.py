"""The commands, one file for each family; `ops.cli` loads them when they are called."""
