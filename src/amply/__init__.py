"""A donations backend: an API, a worker and a scheduler that share one database.

    donor ──▶ api ──▶ donations + outbox ──▶ queue ──▶ jobs ──▶ payments ──▶ receipts ──▶ mail
                            ▲                                                   │
    Stripe ──▶ api ──▶ webhooks ◀───────────────────────────────────────────────┘

The packages, from the door down; each imports only those below it:

    __main__, main   the command line, and the application for uvicorn
    api              the FastAPI application: routes, problem details, middleware
    jobs             Celery: tasks, their settings, beat, the SQS transport
    migrations       the schema and its revisions
    webhooks         Stripe's events, applied to donations
    reconciliation   Stripe's records, compared with ours: repaired or reported
    receipts         one mail for each donation that was charged
    donations        donations: their states, charges, refunds and recovery
    notices          mails to staff about disputes and fraud
    keys             API keys of staff
    limits           how often one address gives, or one card is tried
    ledger           what money came and went, in double entry
    outbox           messages that are written with a change and sent after it
    services         the sessions, the payment gateway and the mailer of one process
    suppressions     addresses that get no mail: they bounced, or complained
    payments, mail   the providers: Stripe, SES, files
    database         engines, the base of the tables, leases of rows
    embedded         stand-ins for Stripe and Redis on a laptop
    base             what any package may use: settings, logs, metrics, money, errors

Only `jobs` imports Celery, only `payments` imports Stripe's library.
"""
