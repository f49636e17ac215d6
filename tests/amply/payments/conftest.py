"""Stripe's Python library on the embedded Stripe, bare and in the gateway."""

import pytest
import stripe

from amply.payments.stripe_gateway import StripeGateway
from amply.payments.stripe_requests import stripe_client


@pytest.fixture
def client(stripe_address: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_1", base_addresses={"api": stripe_address}, max_network_retries=0
    )


@pytest.fixture
def gateway(stripe_address: str) -> StripeGateway:
    return StripeGateway(stripe_client("sk_test_1", stripe_address))
