"""The changes that `ops check --fix` makes: text edits that keep comments and order. Pure."""
