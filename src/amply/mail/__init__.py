"""Mail to donors and staff: what we need from a mailer, three of them, and SES's word on mails."""
