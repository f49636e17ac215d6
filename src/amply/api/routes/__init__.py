"""The endpoints, one module for each router.

    donations         donors give a donation, and read its status
    donation_records  staff list donations, refund them and send receipts again
    donors            staff find a donor, and export what is kept about one
    webhooks          Stripe's events
    health            the health checks

They do not import one another.
"""
