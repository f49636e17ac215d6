"""The stories of `ops local up`: a donation, the output of the CLIs, and an end without
leftovers.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.laptop import PATIENCE, READY, Laptop, ops, read_until_ready
from tests.waiting import until

if TYPE_CHECKING:
    from typing import Any

DONATION = {
    "amount": 5000,
    "currency": "EUR",
    "donor_email": "donor@example.org",
    "payment_method": "pm_card_visa",
}


def _donate(laptop: Laptop) -> dict[str, Any]:
    status, donation = laptop.ask("/donations", DONATION)
    assert status == 201

    def succeeded() -> dict[str, Any] | None:
        _, shown = laptop.ask(f"/donations/{donation['id']}")
        return shown if shown["status"] == "succeeded" else None

    try:  # a message that the API could not send waits for beat's next sweep
        return until("the worker charges the donation", succeeded, PATIENCE) or {}
    except AssertionError as late:
        queue = laptop.run("ops", "queue", "show", "worker", "--env", "prod")
        said = laptop.run("ops", "logs", "worker", "--env", "prod", "--since", "3m")
        late.add_note(f"{donation['id']}\n{queue}{said[-5000:]}")
        raise


def assert_settled(laptop: Laptop) -> None:
    """Check that a plan of the deployed workspace has no changes."""
    plan = json.loads(laptop.run("ops", "plan", "--exit-code", "--output", "json"))
    assert plan["summary"]["unchanged"] == sum(plan["summary"].values()) > 0
    assert not plan["problems"]


def test_the_load_balancer_serves_a_healthy_api(production: Laptop) -> None:
    assert production.ask("/health") == (200, {"status": "healthy"})


def test_a_donation_succeeds_by_way_of_queue_and_worker(production: Laptop) -> None:
    donation = _donate(production)
    assert donation["id"].startswith("don_")
    assert donation["amount"] == DONATION["amount"]


def test_copilot_svc_logs_shows_a_donation_by_its_request(production: Laptop) -> None:
    identifier = _donate(production)["id"]

    def line(service: str, message: str) -> dict[str, Any] | None:
        printed = production.run(
            "copilot", "svc", "logs", "-n", service, "-e", "prod", "--limit", "1000"
        )
        lines = [json.loads(text[text.index("{") :]) for text in printed.splitlines()]
        found = [
            entry
            for entry in lines
            if entry["message"] == message and entry.get("donation_id") == identifier
        ]
        return found[0] if found else None

    made = until("api's line", lambda: line("api", "Donation created"))
    charged = until("worker's line", lambda: line("worker", "Donation succeeded"))
    assert made
    assert charged
    assert made["logger"] == "amply.api.routes.donations"
    assert made["request_id"] == charged["request_id"]


@pytest.mark.parametrize(("service", "tasks"), [("api", 2), ("worker", 2), ("beat", 1)])
def test_copilot_svc_status_tells_running_tasks(
    production: Laptop, service: str, tasks: int
) -> None:
    printed = production.run("copilot", "svc", "status", "-n", service, "-e", "prod")
    assert f"{tasks}/{tasks} desired tasks are running" in printed


def test_copilot_svc_status_tells_health_and_alarms(production: Laptop) -> None:
    printed = production.run("copilot", "svc", "status", "-n", "api", "-e", "prod")
    assert "2/2 passes HTTP health checks" in printed
    assert "2/2 passes container health checks" in printed
    assert "amply-api-high-cpu" in printed
    assert "amply-api-unhealthy" in printed


def test_copilot_svc_show_tells_the_service(production: Laptop) -> None:
    printed = json.loads(production.run("copilot", "svc", "show", "-n", "api", "--json"))
    assert (
        printed["configurations"][0] | {"tasks": "2", "cpu": "512", "memory": "1024"}
        == (printed["configurations"][0])
    )
    assert {secret["name"] for secret in printed["secrets"]} == {
        "DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
    }  # fmt: skip


def test_ops_has_synced_and_has_nothing_left_to_do(production: Laptop) -> None:
    assert_settled(production)
    listed = json.loads(production.run("ops", "alarms", "list", "--output", "json"))
    assert {alarm["name"] for alarm in listed["resources"]} >= {
        "amply-api-high-cpu", "amply-api-unhealthy", "amply-prod-worker-backlog-at-max",
    }  # fmt: skip


def test_a_new_deploy_rolls_the_service_and_keeps_it_served(production: Laptop) -> None:
    manifest = production.root / "copilot" / "api" / "manifest.yml"
    text = manifest.read_text()
    manifest.write_text(
        re.sub(r"^variables:\n", r"\g<0>  RELEASE: two\n", text, flags=re.MULTILINE)
    )
    # The deployment bakes: its alarms are watched for minutes of the control plane.
    production.run("ops", "local", "clock", "--speed", "60")
    production.run("copilot", "svc", "deploy", "-n", "api", "-e", "prod")
    production.run("ops", "local", "clock", "--speed", "1")
    shown = json.loads(production.run("copilot", "svc", "show", "-n", "api", "--json"))
    assert "RELEASE" in {variable["name"] for variable in shown["variables"]}
    status = production.run("copilot", "svc", "status", "-n", "api", "-e", "prod")
    assert re.search(r"RUNNING\s+2\s", status)
    assert production.ask("/health") == (200, {"status": "healthy"})


def test_a_restart_replaces_the_tasks_and_says_how_many(production: Laptop) -> None:
    before = set(production.tasks("beat"))
    printed = subprocess.run(
        ops("local", "restart", "beat"),
        cwd=production.root,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert "1 new task of `beat` running." in printed
    assert not before & set(production.tasks("beat"))


def test_a_second_up_in_the_same_workspace_is_refused(production: Laptop) -> None:
    process = production.up("prod")
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "already running" in printed
    assert production.ask("/health")[0] == 200


def test_a_missing_command_is_told(production: Laptop) -> None:
    done = subprocess.run(
        ops("local", "run", "--", "no-such-command"),
        cwd=production.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "`no-such-command` is missing" in done.stderr


def test_an_interrupted_spot_task_is_replaced(production: Laptop) -> None:
    before = production.tasks("worker")
    done = subprocess.run(
        ops("local", "interrupt", "worker", "--count", "1"),
        cwd=production.root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (gone,) = re.findall(r"[0-9a-f]{32}", done.stdout)
    assert gone in before

    def others() -> list[str]:
        return [task for task in production.tasks("worker") if task not in before]

    until("another task runs", others)
    refused = subprocess.run(
        ops("local", "interrupt", "beat"),
        cwd=production.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "No task of `beat` runs on Spot" in refused.stderr


@pytest.mark.stories
@pytest.mark.parametrize("ending", ["Ctrl-C", "down"])
def test_nothing_is_left_behind(laptop: Laptop, ending: str) -> None:
    process = laptop.up("staging")
    printed = read_until_ready(process)
    assert READY in printed, printed
    assert laptop.ask("/health") == (200, {"status": "healthy"})
    if ending == "down":
        assert_settled(laptop)
        subprocess.run(ops("local", "down"), cwd=laptop.root, check=True, timeout=60)
    else:
        process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert laptop.left_behind() == []
    assert sorted(path.name for path in laptop.root.iterdir()) == ["copilot"]
    with socket.create_server(("127.0.0.1", laptop.port)):
        pass  # the port is free again


@pytest.mark.stories
def test_a_killed_up_takes_its_tasks_along(laptop: Laptop) -> None:
    process = laptop.up("staging")
    assert READY in read_until_ready(process)
    process.kill()
    process.communicate(timeout=30)
    until("every process ends", lambda: laptop.left_behind() == [])
    done = subprocess.run(
        ops("local", "down"), cwd=laptop.root, capture_output=True, text=True, check=True
    )
    assert "No embedded AWS was running" in done.stdout
    assert sorted(path.name for path in laptop.root.iterdir()) == ["copilot"]


def test_ctrl_c_during_the_start_leaves_nothing(laptop: Laptop) -> None:
    """Check one moment; `make test-interruptions` checks thirty."""
    process = laptop.up("staging")
    assert process.stdout is not None
    for line in process.stdout:
        if "companions" in line:
            process.send_signal(signal.SIGINT)
            break
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert "Ended at once" not in rest
    assert laptop.left_behind() == []
    assert sorted(path.name for path in laptop.root.iterdir()) == ["copilot"]


def test_a_sync_that_fails_leaves_what_runs(laptop: Laptop) -> None:
    """Make a mistake that only shows against deployed resources: it can be fixed and synced
    again.

    Ctrl-C then removes everything.
    """
    path = laptop.root / "copilot/worker/ops.yml"
    text = path.read_text()
    path.write_text(text.replace("alarms:\n", f"alarms:\n  prefix: {'x' * 250}\n", 1))
    process = laptop.up("staging")
    printed = read_until_ready(process)
    assert "Shorten `alarms.prefix` in copilot/worker/ops.yml" in printed
    assert laptop.ask("/health") == (200, {"status": "healthy"})
    path.write_text(text)
    assert "✔ created" in laptop.run("ops", "sync", "--yes")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert laptop.left_behind() == []
    assert sorted(path.name for path in laptop.root.iterdir()) == ["copilot"]


def test_a_taken_port_is_named(laptop: Laptop) -> None:
    with socket.create_server(("127.0.0.1", laptop.port)):
        process = laptop.up("prod")
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert str(laptop.port) in printed
    assert "taken" in printed or "in use" in printed
    assert laptop.left_behind() == []


@pytest.mark.stories
@pytest.mark.timeout(240)
def test_a_deploy_whose_tasks_die_is_told_with_its_reason(laptop: Laptop) -> None:
    process = laptop.up("prod", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "Traceback" not in printed
    assert "`copilot svc deploy --name api --env prod` failed" in printed
    assert "amply-prod-api/Service (AWS::ECS::Service)" in printed
    assert "DATABASE_URL" in printed
    assert laptop.left_behind() == []
    log = laptop.root / ".ops" / "local" / "copilot.log"
    assert "svc deploy" in log.read_text()
    subprocess.run(
        [sys.executable, "-m", "ops", "local", "down"], cwd=laptop.root, check=True, timeout=30
    )
    assert not log.exists()
