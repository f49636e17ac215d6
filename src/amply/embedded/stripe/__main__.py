"""`python -m amply.embedded.stripe --port N [--webhook-url URL]`."""

import argparse
import os

from amply.embedded.listening import add_port, listen
from amply.embedded.stripe.events import WEBHOOK_SECRET, Webhook
from amply.embedded.stripe.process import serve


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m amply.embedded.stripe")
    add_port(parser)
    parser.add_argument("--webhook-url", help="is told the events, signed by STRIPE_WEBHOOK_SECRET")
    given = parser.parse_args()
    secret = os.environ.get("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
    webhook = Webhook(given.webhook_url, secret) if given.webhook_url else None
    listener = listen("stripe", given.port)
    print(f"embedded stripe: listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    serve(listener, webhook)


if __name__ == "__main__":
    main()
