"""The HTTP side: routes, lists, errors, idempotency keys and the pages of the donor's bank."""
