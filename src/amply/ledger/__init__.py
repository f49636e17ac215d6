"""The ledger in double entry, which is only appended to."""
