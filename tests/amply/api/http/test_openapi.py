"""The OpenAPI document, checked by schemathesis: no 5xx, no undocumented answer."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from pydantic import SecretStr
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from amply.api.app import create_app
from amply.base.settings import Settings
from amply.keys import api_keys
from amply.migrations.schema import migrate
from amply.services import Services
from tests.amply.support.services import postgresql_database

EXAMPLES = 15

# Cursors and signatures are ours and Stripe's to make: those that a schema allows are refused. So
# is 50.0 as an amount, an integer to JSON Schema: money never comes as a float.
REFUSE_WHAT_THE_SCHEMA_ALLOWS = {
    *("GET /donations", "POST /donations", "POST /donations/{donation_id}/refund"),
    "POST /webhooks/stripe",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('openapi')}/amply.db"
    else:
        with postgresql_database() as url:
            yield url


@pytest.fixture(scope="module")
def caller(database: str, stripe_address: str) -> Iterator[Any]:
    """A client of a started application, with the key of staff."""
    migrate(database)
    given = Settings(
        database_url=database,
        stripe_secret_key=SecretStr("sk_test_1"),
        stripe_webhook_secret=SecretStr("whsec_1"),
        stripe_api_base=stripe_address,
    )
    services = Services(given)
    key = api_keys.create(services.sessions, "Grace")
    services.close()
    with asgi.get_client(create_app(given), max_stream_events=1) as client:  # type: ignore[arg-type]
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


# The document is the same on any settings, and an application connects to nothing before it starts.
schema = schemathesis.openapi.from_dict(create_app(Settings()).openapi())


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_documented(case: schemathesis.Case[Any], caller: Any) -> None:  # noqa: ANN401
    excluded: list[schemathesis.CheckFunction] = [ignored_auth]  # asks without the session
    if case.operation.label in REFUSE_WHAT_THE_SCHEMA_ALLOWS:
        excluded.append(positive_data_acceptance)
    case.call_and_validate(session=caller, base_url="http://amply", excluded_checks=excluded)


def test_bounds_are_told(caller: Any) -> None:  # noqa: ANN401
    schemas = caller.get("/openapi.json").json()["components"]["schemas"]
    for name, field in schemas["DonationIn"]["properties"].items():
        kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
        for kind in kinds:
            bounds = {"integer": {"minimum", "maximum"}, "string": {"maxLength", "pattern"}}
            assert "enum" in kind or bounds[kind["type"]] <= kind.keys(), name


def test_what_staff_call_wants_a_key_and_what_donors_call_does_not(caller: Any) -> None:  # noqa: ANN401
    paths = caller.get("/openapi.json").json()["paths"]
    secured = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if operation.get("security")
    }
    assert secured == {
        *("GET /donations", "GET /donors", "GET /donors/export"),
        *("POST /donations/{donation_id}/receipt", "POST /donations/{donation_id}/refund"),
    }
