"""`ops init`: its proposal is valid, and it never overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.__main__ import main
from ops.base.kinds import KINDS
from ops.copilot.workspace import load_workspace
from ops.plan.survey.declarations import read_declarations
from ops.scaffold.queues import queues_of

if TYPE_CHECKING:
    from pathlib import Path

ADDON = """\
Parameters: {App: {Type: String}, Env: {Type: String}}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${App}-${Env}-jobs
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub "${App}-${Env}-jobs-dead"}
  Nameless: {Type: AWS::SQS::Queue}
Outputs:
  JobsUrl: {Value: !Ref Jobs, Export: {Name: !Sub "${App}-${Env}-JobsUrl"}}
"""
READS = """\
variables:
  JOBS: {from_cfn: "${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}-JobsUrl"}
"""
WEB = """\
name: web
type: Load Balanced Web Service
image: {build: Dockerfile, port: 80}
environments: {prod: {}, staging: {}}
"""
WORKER = "name: worker\ntype: Backend Service\nimage: {build: Dockerfile}\n"
MAILER = "name: mailer\ntype: Worker Service\nimage: {location: shop}\n"
NIGHTLY = (
    'name: nightly\ntype: Scheduled Job\nimage: {build: Dockerfile}\non: {schedule: "@daily"}\n'
)


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / "copilot" / name / "manifest.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    addons = root / "copilot" / "environments" / "addons"
    addons.mkdir(parents=True, exist_ok=True)
    (addons / "queues.yml").write_text(ADDON)
    (root / "copilot" / ".workspace").write_text("application: shop\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, web=WEB + READS, worker=WORKER + READS, mailer=MAILER, nightly=NIGHTLY)
    return tmp_path


def init(root: Path, *options: str) -> int:
    return main(["init", "--workspace", str(root), *options])


def proposed(root: Path, service: str = "") -> str:
    return (root / "copilot" / service / "ops.yml").read_text()


def test_each_type_gets_its_preset_and_the_backend_its_queue(root: Path) -> None:
    assert init(root, "--yes") == 0
    assert "preset: load-balanced" in proposed(root, "web")
    assert "preset: queue-worker" in proposed(root, "mailer")
    assert "    dead-letters: off # " in proposed(root, "mailer")
    worker = proposed(root, "worker")
    assert "preset: queue-worker" in worker
    assert "dead-letters: off" not in worker
    queue = "${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}-jobs"
    assert f"\nqueue:\n  name: {queue}\n  dead_letters: {queue}-dead\n" in worker
    assert not (root / "copilot" / "nightly" / "ops.yml").exists()


@pytest.mark.parametrize("count", ["0", "{range: 0-3}", "{range: {min: 0, max: 3}}", "{spot: 0}"])
def test_a_service_that_may_have_no_task_has_no_alarm_on_few(tmp_path: Path, count: str) -> None:
    write(tmp_path, mailer=f"{MAILER}count: {count}\n", worker=WORKER)
    assert init(tmp_path, "--yes") == 0
    assert "    few-tasks: off # " in proposed(tmp_path, "mailer")
    assert "few-tasks" not in proposed(tmp_path, "worker")


def test_a_service_without_tasks_has_a_number_for_its_alarm_at_the_most(tmp_path: Path) -> None:
    none = {"mailer": MAILER, "web": WEB, "worker": "type: Backend Service\nname: worker\n"}
    write(tmp_path, **{name: f"{text}count: 0\n" for name, text in none.items()})
    assert init(tmp_path, "--yes") == 0
    for name in ("mailer", "web"):
        assert "    at-max: {threshold: 1} # " in proposed(tmp_path, name)
    assert "at-max" not in proposed(tmp_path, "worker")
    read_declarations(load_workspace(tmp_path), KINDS, "prod")


@pytest.mark.parametrize(
    ("topics", "are_off"), [("", True), (", topics: []", False), (", topics: null", True)]
)
def test_a_queue_that_copilot_ignores_has_no_dead_letters(
    tmp_path: Path,
    topics: str,
    are_off: bool,
) -> None:
    subscribe = f"subscribe: {{queue: {{dead_letter: {{tries: 3}}}}{topics}}}\n"
    write(tmp_path, mailer=MAILER + subscribe)
    assert init(tmp_path, "--yes") == 0
    assert ("dead-letters: off" in proposed(tmp_path, "mailer")) == are_off


@pytest.mark.parametrize("none", ["0", "{spot: 0}", "{range: 0-0}"])
def test_an_environment_without_tasks_has_its_own_alarms(tmp_path: Path, none: str) -> None:
    count = f"count: {{range: 1-3}}\nenvironments: {{dev: {{count: {none}}}, prod: {{}}}}\n"
    write(tmp_path, mailer=MAILER + count, worker=WORKER + count)
    assert init(tmp_path, "--yes") == 0
    before, _, after = proposed(tmp_path, "mailer").partition("\nenvironments:\n")
    assert "few-tasks" not in before
    assert "at-max" not in before
    assert after.startswith("  dev:\n    alarms:\n      define:\n        few-tasks: off # ")
    assert "\n        at-max: {threshold: 1} # " in after
    assert "prod" not in after
    assert "at-max" not in proposed(tmp_path, "worker")
    for environment in ("dev", "prod"):
        read_declarations(load_workspace(tmp_path), KINDS, environment)


def test_alarms_stay_on_where_only_other_environments_have_no_tasks(tmp_path: Path) -> None:
    count = "count: 0\nenvironments: {dev: {}, prod: {count: 2}}\n"
    write(tmp_path, mailer=MAILER + count)
    assert init(tmp_path, "--yes") == 0
    before, _, after = proposed(tmp_path, "mailer").partition("\nenvironments:\n")
    assert "few-tasks" not in before
    assert after.startswith("  dev:\n    alarms:\n      define:\n        few-tasks: off # ")
    assert "prod" not in after


def test_built_images_are_adopted_and_off_hours_are_a_comment(root: Path) -> None:
    assert init(root, "--yes") == 0
    text = proposed(root)
    for name in ("nightly", "web", "worker"):
        assert f"  shop/{name}: {{adopt: true, keep: 20}}\n" in text
    assert "shop/mailer" not in text
    assert "#   staging:\n" in text
    assert "prod:" not in text


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_what_it_writes_can_be_read_and_so_can_its_comments(root: Path, environment: str) -> None:
    assert init(root, "--yes") == 0
    read_declarations(load_workspace(root), KINDS, environment)
    path = root / "copilot" / "ops.yml"
    start = path.read_text().index("# environments:")
    off_hours = path.read_text()[start:].replace("# ", "", 1).replace("\n# ", "\n")
    path.write_text(path.read_text()[:start] + off_hours)
    settings = load_workspace(root).settings("staging")
    schedules = next(kind for kind in KINDS if kind.name == "schedules")
    assert settings.of(schedules) is not None


def test_two_backends_that_know_a_queue_are_asked_about(root: Path) -> None:
    write(root, other=WORKER.replace("worker", "other") + READS)
    assert init(root, "--yes") == 0
    assert "preset: service" in proposed(root, "worker")
    question = "# Does worker consume this queue, or only send to it?\n# queue:\n"
    assert question in proposed(root, "worker")
    read_declarations(load_workspace(root), KINDS, "prod")


def test_it_never_overwrites(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "copilot" / "web" / "ops.yml"
    path.write_text("# mine\n")
    assert init(root, "--yes") == 0
    assert path.read_text() == "# mine\n"
    assert "copilot/web/ops.yml exists and stays as it is.\n" in capsys.readouterr().out
    assert init(root, "--yes") == 0
    assert "+++" not in capsys.readouterr().out


def test_it_names_the_next_steps_with_an_account_and_without(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(root, "--yes") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert "`ops plan --env prod`" in last
    assert "`ops local run -- ops plan --env prod`" in last


def test_it_asks_first(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(root) == 1
    said = capsys.readouterr()
    assert "+++ copilot/worker/ops.yml" in said.out
    assert "Pass --yes" in said.err
    assert not list((root / "copilot").glob("**/ops.yml"))


def test_only_queues_with_a_name_of_their_own_are_found() -> None:
    (queue,) = queues_of(ADDON)
    assert queue.name.endswith("-jobs")
    assert queues_of("Resources: [") == []
    assert queues_of("just text") == []
