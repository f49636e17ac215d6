"""The three services as on Fargate: started by their required commands, over SQS, in processes."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from tests.amply.support.processes import Process, running
from tests.amply.support.services import postgresql_database
from tests.ports import free_port

QUEUE = "amply-celery-queue"
REGION = "eu-central-1"
API = ["uvicorn", "amply.main:app"]
CELERY = ["celery", "-A", "amply.jobs.celery_app"]
DONATION = {
    "amount": 5000,
    "currency": "EUR",
    "campaign": "winter-2026",
    "donor_email": "ada@example.org",
    "donor_name": "Ada King",
    "message": "For Charles",
    "payment_method": "pm_card_visa",
}
STRIPE_KEY = {"Authorization": "Bearer sk_test_1"}


@dataclass
class System:
    """The running services, and the address of the API."""

    api: Process
    worker: Process
    beat: Process
    address: str
    environment: dict[str, str]
    home: Path

    def services(self) -> tuple[Process, ...]:
        """Return the three services."""
        return (self.api, self.worker, self.beat)


def said(message: str, **fields: object) -> Callable[[str], bool]:
    """Return whether a line is JSON with this message (or beginning of it) and these fields."""

    def matches(line: str) -> bool:
        logged = json.loads(line)
        return str(logged["message"]).startswith(message) and fields.items() <= logged.items()

    return matches


def address_in(line: str) -> str:
    """Return the address in a server's log line."""
    host_and_port = line.rpartition("127.0.0.1:")[2].split()[0].strip('",')
    return f"http://127.0.0.1:{host_and_port}"


def make_queue(endpoint: str) -> str:
    """Create the workspace's queue with its dead-letter queue; return its URL."""
    sqs = boto3.client(
        "sqs",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    dead = sqs.create_queue(QueueName=f"{QUEUE}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = json.dumps({"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": 5})
    attributes: dict[Any, str] = {"VisibilityTimeout": "180", "RedrivePolicy": redrive}
    return sqs.create_queue(QueueName=QUEUE, Attributes=attributes)["QueueUrl"]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Run API, worker and beat with their own SQS, Stripe and Redis.

    The stories of `ops local up` run them with SQLite.
    """
    home = tmp_path_factory.mktemp("system")
    with ExitStack() as stack:
        environment = {
            "ENVIRONMENT": "production",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AMPLY_EMBEDDED": "1",
            "STRIPE_SECRET_KEY": "sk_test_1",
            "STRIPE_WEBHOOK_SECRET": "whsec_1",
            "MAIL_FROM": "donations@amply.example",
            "MAIL_DIRECTORY": str(home / "mails"),
            "DATABASE_URL": stack.enter_context(postgresql_database()),
        }
        port = free_port()
        environment |= companions(stack, home, f"http://127.0.0.1:{port}/webhooks/stripe")
        yield start_services(stack, environment, home, port)


def companions(stack: ExitStack, home: Path, webhook_url: str) -> dict[str, str]:
    """Start the stand-ins for AWS, Stripe and Redis; return the variables with their addresses."""

    def start(module: str, *options: str) -> str:
        command = ["python", "-m", module, *options, "--port", "0"]
        given = {"STRIPE_WEBHOOK_SECRET": "whsec_1"}
        process = stack.enter_context(running(command, given, home))
        return address_in(process.wait_for(lambda line: "127.0.0.1:" in line))

    aws = start("moto.server", "-H", "127.0.0.1")
    return {
        "AWS_ENDPOINT_URL": aws,
        "CELERY_QUEUE_URL": make_queue(aws),
        "STRIPE_API_BASE": start("amply.embedded.stripe", "--webhook-url", webhook_url),
        "REDIS_URL": start("amply.embedded.redis").replace("http", "redis") + "/0",
    }


def start_services(stack: ExitStack, environment: dict[str, str], home: Path, port: int) -> System:
    """Start all three services at once on an empty database, and migrate it meanwhile."""

    def start(*command: str) -> Process:
        return stack.enter_context(running(command, environment, home))

    beat = start(*CELERY, "beat", "--loglevel=info")
    worker = start(*CELERY, "worker", "--loglevel=info")
    api = start(*API, "--host", "127.0.0.1", "--port", str(port))
    assert start("python", "-m", "amply", "migrate").wait() == 0
    address = address_in(api.wait_for(said("Uvicorn running")))
    worker.wait_for(said("celery@"))
    beat.wait_for(said("beat: Acquired lock"))
    return System(api, worker, beat, address, environment, home)


def donate(system: System, request_id: str, **fields: object) -> dict[str, Any]:
    """Create a donation by the API."""
    answer = httpx.post(
        f"{system.address}/donations",
        json={**DONATION, **fields},
        headers={"X-Request-ID": request_id, "Idempotency-Key": request_id},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_donation_goes_through_the_queue_and_succeeds(system: System) -> None:
    donation = donate(system, "req_e2e")
    assert donation["status"] == "pending"

    done = json.loads(
        system.worker.wait_for(said("Donation succeeded", donation_id=donation["id"]))
    )

    assert done["request_id"] == "req_e2e"
    found = httpx.get(f"{system.address}/donations/{donation['id']}").json()
    assert found["status"] == "succeeded"


def test_a_declined_card_fails_the_donation(system: System) -> None:
    donation = donate(system, "req_declined", payment_method="pm_card_visa_chargeDeclinedLostCard")

    system.worker.wait_for(said("Donation failed", donation_id=donation["id"]))

    found = httpx.get(f"{system.address}/donations/{donation['id']}").json()
    assert (found["status"], found["failure_code"]) == ("failed", "declined")


def test_every_line_about_a_task_carries_both_identifiers(system: System) -> None:
    donation = donate(system, "req_traced")
    done = json.loads(
        system.worker.wait_for(said("Donation succeeded", donation_id=donation["id"]))
    )
    task_id = done["task_id"]
    system.worker.wait_for(said("Task amply.donations.charge", task_id=task_id))

    about_it = [json.loads(line) for line in system.worker.lines if task_id in line]

    assert {line["message"].split("[")[0] for line in about_it} == {
        "Task received",
        "Donation succeeded",
        "Receipt sent",
        "Task amply.donations.charge",
    }
    assert {(line["request_id"], line["task_id"]) for line in about_it} == {("req_traced", task_id)}


def test_a_receipt_is_sent(system: System) -> None:
    donation = donate(system, "req_receipt")
    system.worker.wait_for(said("Receipt sent", donation_id=donation["id"]))
    mail = (system.home / "mails" / f"{donation['id']}.eml").read_text()
    assert "To: ada@example.org" in mail
    assert "50.00 EUR" in mail


def test_stripe_s_events_come_in_once(system: System) -> None:
    donation = donate(system, "req_event")
    line = json.loads(system.api.wait_for(said("Event received", donation_id=donation["id"])))

    stripe = system.environment["STRIPE_API_BASE"]
    event = f"{stripe}/v1/events/{line['event_id']}"
    assert httpx.post(f"{event}/retry", headers=STRIPE_KEY).status_code == 200

    system.api.wait_for(said("Event repeated", event_id=line["event_id"]))


def test_staff_refund_a_donation(system: System) -> None:
    command = ["python", "-m", "amply", "keys", "create", "Grace", "--scope", "refund"]
    with running(command, system.environment, system.home) as process:
        assert process.wait() == 0
    (key,) = process.lines
    donation = donate(system, "req_refund")
    system.worker.wait_for(said("Donation succeeded", donation_id=donation["id"]))

    address = f"{system.address}/donations/{donation['id']}"
    staff = {"Authorization": f"Bearer {key}"}
    assert httpx.post(f"{address}/refund", headers=staff).status_code == 202

    system.api.wait_for(said("Event received", donation_id=donation["id"], event="charge.refunded"))
    assert httpx.get(address).json()["status"] == "refunded"


def test_beat_has_the_worker_sweep_the_outbox(system: System) -> None:
    system.beat.wait_for(said("Scheduler: Sending due task amply.outbox.sweep"))
    system.worker.wait_for(said("Task amply.outbox.sweep"))


def test_health(system: System) -> None:
    answer = httpx.get(f"{system.address}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_every_service_ends_cleanly_and_wrote_nothing_but_json_lines(system: System) -> None:
    """Run this test last in its module: the earlier ones make the services log something."""
    donate(system, "req_last")
    codes = [service.stop() for service in system.services()]

    # uvicorn ends by the signal that it was sent, as its own supervisors expect.
    assert codes == [-15, 0, 0]
    for service in system.services():
        assert service.lines
        for line in service.lines:
            assert list(json.loads(line))[:4] == ["timestamp", "level", "logger", "message"]
            for secret in ("ada@example.org", "Ada King", "For Charles", "sk_test", "whsec"):
                assert secret not in line


def test_a_database_that_does_not_answer_is_told_without_a_traceback(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql://amply:hunter2@127.0.0.1:1/amply",
        "STRIPE_SECRET_KEY": "sk_test_1",
        "CELERY_QUEUE_URL": "http://127.0.0.1:1/1/q",
    }
    for command in (["uvicorn", "amply.main:app", "--port", "0"], [*CELERY, "worker"]):
        with running(command, given, tmp_path) as process:
            assert process.wait() != 0
            process.wait_for(said("Cannot start: DATABASE_URL: "))
            assert not [line for line in process.lines if "Traceback" in line]
            assert not [line for line in process.lines if "hunter2" in line]


def test_a_password_with_an_at_sign_is_in_no_line(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql://amply:hunter@SECRETPART@127.0.0.1/amply",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "STRIPE_SECRET_KEY": "sk_test_1",
        "CELERY_QUEUE_URL": "http://127.0.0.1:1/1/q",
    }
    services = (["uvicorn", "amply.main:app"], [*CELERY, "worker"], [*CELERY, "beat"])
    for command in (*services, ["python", "-m", "amply", "migrate"]):
        with running(command, given, tmp_path) as process:
            assert process.wait() == 1
            (line,) = process.lines
            assert "DATABASE_URL: has more than one @" in json.loads(line)["message"]
            assert "hunter" not in line
            assert "SECRETPART" not in line


def test_a_service_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    commands = {
        "DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET": [
            "uvicorn",
            "amply.main:app",
        ],
        "DATABASE_URL, MAIL_FROM, REDIS_URL, STRIPE_SECRET_KEY": [*CELERY, "worker"],
        "REDIS_URL": [*CELERY, "beat"],
    }
    given = {"ENVIRONMENT": "production", "CELERY_QUEUE_URL": "http://127.0.0.1:1/1/q"}
    for missing, command in commands.items():
        with running(command, given, tmp_path) as process:
            assert process.wait() == 1, os.linesep.join(process.lines)
            (line,) = process.lines
            assert json.loads(line)["message"].startswith(f"Cannot start: {missing}: not set")
