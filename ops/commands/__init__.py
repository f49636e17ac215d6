"""The commands, one file for each family; `ops.commands.cli` loads them when they are called."""
