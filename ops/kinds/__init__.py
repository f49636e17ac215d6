"""The kinds of resources that `ops` manages: one folder each, listed in `ops.base.kinds`."""
