"""The operations on a stack: creation, update, the ways back, deletion."""
