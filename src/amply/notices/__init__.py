"""Mails to staff about money that moves unasked, each sent once."""
