"""Check at the embedded Stripe that every donation was charged once, and mailed one receipt.

    python copilot/gameday/charged_once.py NUMBER

NUMBER is how many donations must have been charged since the start of `ops local up`, at least.
"""

import json
import os
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STRIPE = f"http://127.0.0.1:{os.environ['OPS_LOCAL_PORT_STRIPE']}/v1/payment_intents?limit=100"
MAILS = Path(os.environ["OPS_LOCAL_DIR"]) / "mails"


def payments() -> Iterator[dict[str, Any]]:
    """Yield every payment, the newest first."""
    after = ""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        request = urllib.request.Request(  # noqa: S310 - of loopback
            STRIPE + after, headers={"Authorization": "Bearer sk_test_gameday"}
        )
        with opener.open(request, timeout=30) as answer:
            page = json.load(answer)
        yield from page["data"]
        if not page["has_more"]:
            return
        after = f"&starting_after={page['data'][-1]['id']}"


def receipts() -> Iterator[str]:
    """Yield the donation of each receipt."""
    for mail in MAILS.glob("*.eml"):
        for line in mail.read_text().splitlines():
            if line.startswith("Donation: "):
                yield line.split()[1]


def main() -> None:
    """Print what is wrong, and exit with 1."""
    paid = [each for each in payments() if each["status"] == "succeeded"]
    charges = Counter(str(each["metadata"].get("donation_id")) for each in paid)
    mails = Counter(receipts())
    faults = [f"{donation} was charged {n} times" for donation, n in charges.items() if n != 1]
    faults += [f"{donation} has {n} receipts" for donation, n in mails.items() if n != 1]
    if len(charges) < int(sys.argv[1]):
        faults.append(f"{len(charges)} of {sys.argv[1]} donations were charged")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
