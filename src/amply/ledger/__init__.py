"""The ledger: what money came, went and is where, in double entry. It is only added to."""
