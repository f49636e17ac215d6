"""Addresses that get no mail: mail to them bounced for good, or they complained."""
