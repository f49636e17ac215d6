"""Mail to donors and staff: the interface of a mailer, its implementations, and SES's reports."""
