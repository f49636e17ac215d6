"""The database: the tables' base class, engines, and leases of rows."""
