"""The files of a workspace, as rules read them."""
