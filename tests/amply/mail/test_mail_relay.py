"""Nobody can use our mail to write to strangers: names of donors and recipients are limited."""

import logging

import httpx
import pytest
from pydantic import SecretStr

from amply.base.settings import Settings
from amply.mail.listed import ListedMailer
from amply.mail.mailer import Mail
from amply.mail.ses import SesMailer
from amply.services import Services
from tests.amply.support.clients import post

GIFT = {"amount": 5000, "currency": "USD", "donor_email": "ada@example.org"}


@pytest.mark.parametrize(
    "name",
    [
        "customer, your account is locked. Confirm at https://evil.example/now",
        "customer, confirm at evil.example",
        "customer, confirm at WWW.EVIL.EXAMPLE",
        "mail me@evil.example",
        "<a href=x>",
        "two\nlines",
        "two\u2028lines",
        "two\x85lines",
    ],
)
async def test_a_name_holds_no_link_and_no_second_line(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await post(client, {**GIFT, "donor_name": name})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "name", ["J.R.R. Tolkien", "Dr. Ada King, Jr.", "Anne-Marie d'Arc", "李 小龍", "St.-Pierre"]
)
async def test_people_keep_their_names(client: httpx.AsyncClient, name: str) -> None:
    answer = await post(client, {**GIFT, "donor_name": name})
    assert answer.status_code == 201, answer.text


class MemoryMailer:
    """A mailer that keeps all mails in memory."""

    def __init__(self) -> None:
        self.to: list[str] = []

    def send(self, mail: Mail) -> None:
        self.to.append(mail.to)


@pytest.mark.parametrize(
    ("listed", "address", "is_sent"),
    [
        ("", "ada@example.org", False),
        ("ada@example.org", "Ada@Example.org", True),
        ("bob@example.org, @ours.org", "eve@ours.org", True),
        ("@ours.org", "eve@not-ours.org", False),
        ("@ours.org", "eve@ours.org.evil.example", False),
        ("ours.org", "ours.org@evil.example", False),
    ],
)
def test_mail_goes_to_listed_addresses_alone(
    listed: str, address: str, is_sent: bool, caplog: pytest.LogCaptureFixture
) -> None:
    mailer = MemoryMailer()
    recipients = Settings(mail_recipients=listed).listed_recipients
    with caplog.at_level(logging.WARNING):
        ListedMailer(mailer, recipients).send(Mail("don_1", address, "s", "t"))
    assert mailer.to == [address] * is_sent
    assert ("Mail dropped" in caplog.text) is not is_sent
    assert address not in caplog.text


@pytest.mark.parametrize("environment", ["development", "staging", "production"])
def test_production_alone_writes_to_everybody(aws_keys: None, environment: str) -> None:
    settings = Settings.model_validate(
        {
            "environment": environment,
            "mail_from": "donations@amply.example",
            "stripe_secret_key": SecretStr("sk_test_1"),
        }
    )
    kind = SesMailer if environment == "production" else ListedMailer
    assert type(Services(settings).carrier) is kind
