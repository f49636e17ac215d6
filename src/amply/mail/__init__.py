"""Mail to donors: what we need from a mailer, and three of them."""
