"""The names of the tasks: what a message in the queue says. Renaming one strands its messages."""

CHARGE_DONATION = "amply.donations.charge"
SWEEP_OUTBOX = "amply.outbox.sweep"
