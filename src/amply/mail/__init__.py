"""Mail to donors: the interface of a mailer, and its implementations."""
