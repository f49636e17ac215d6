"""Off and on at once, in order, by hand."""
