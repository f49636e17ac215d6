"""The commands, one file for each family; `ops.commands.cli` imports them on demand."""
