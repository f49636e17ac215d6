"""The deployment page names exactly the events that the embedded Stripe sends."""

import re
from pathlib import Path

from amply.embedded.stripe.events import ENABLED_EVENTS

_PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "deploy-to-aws.md"


def test_the_page_names_the_enabled_events() -> None:
    (sentence,) = re.findall(r"Send it the events (.*?)\.\n", _PAGE.read_text(), re.DOTALL)
    assert set(re.findall(r"`([a-z_.]+)`", sentence)) == ENABLED_EVENTS
