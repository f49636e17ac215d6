"""The names of the tasks: what a message in the queue says. Renaming one strands its messages."""

CHARGE_DONATION = "amply.donations.charge"
REFUND_DONATION = "amply.donations.refund"
RECOVER_DONATIONS = "amply.donations.recover"
LOOK_AT_PAGES = "amply.donations.look"
SEND_PAYMENT_LINK = "amply.donations.link"
SEND_RECEIPT = "amply.receipts.send"
SWEEP_OUTBOX = "amply.outbox.sweep"
