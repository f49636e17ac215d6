"""The database: tables' base, engines, and leases of rows."""
