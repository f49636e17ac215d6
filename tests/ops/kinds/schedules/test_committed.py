"""The repository's own off-hours: staging has them, production does not."""

from pathlib import Path

from ops.base.kinds import KINDS
from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.copilot.workspace import load_workspace
from ops.kinds.schedules.desired import desired
from ops.plan.survey.declarations import ENVIRONMENT, read_declarations
from tests.ops.kinds.schedules.aws_schedules import bounds_over
from tests.ops.kinds.schedules.off_hours import MONDAY, actions, off_hours, wanted

ROOT = Path(__file__).parents[4]


def test_staging_goes_to_zero_at_night_and_on_weekends() -> None:
    declarations = read_declarations(load_workspace(ROOT), KINDS, "staging")
    services = tuple(
        ServicePlace(
            "amply",
            "staging",
            name,
            ServiceStack(
                "",
                "amply-staging",
                name,
                target_group="targetgroup/api/1",
                load_balancer="app/public/2",
                # Only beat has a fixed count, so that Copilot makes no scalable target for it.
                scalable_target=None if name == "beat" else f"service/amply-staging/{name}",
            ),
            workload,
            declared=declarations.services[name],
        )
        for name, workload in declarations.workloads.items()
    )
    settings = declarations.sections["schedules"][ENVIRONMENT]
    wanted = desired(settings, EnvironmentPlace("amply", "staging", services, MONDAY))
    capacities = {
        each.name.replace("/ops-off-hours-", " "): each.properties["ScalableTargetAction"]
        for each in wanted
        if "/ops-" in each.name and "before" not in each.name
    }
    assert capacities == {
        "beat down": {"MinCapacity": 0, "MaxCapacity": 0},
        "beat up": {"MinCapacity": 1, "MaxCapacity": 1},
        "worker down": {"MinCapacity": 0, "MaxCapacity": 4},
        "worker stop": {"MinCapacity": 0, "MaxCapacity": 0},
        "worker up": {"MinCapacity": 1, "MaxCapacity": 4},
        "api down": {"MinCapacity": 0, "MaxCapacity": 0},
        "api up": {"MinCapacity": 1, "MaxCapacity": 2},
    }
    [nights] = [each for each in wanted if each.name == "amply-staging-off-hours-nights"]
    assert "amply-staging-api-high-cpu" in str(nights.properties["MuteTargets"])


def test_production_has_none() -> None:
    declarations = read_declarations(load_workspace(ROOT), KINDS, "prod")
    assert ENVIRONMENT not in declarations.sections["schedules"]


def test_it_saves_what_the_page_says() -> None:
    course = bounds_over(actions(wanted(off_hours()), "api"), MONDAY, 7 * 24 * 60, (2, 10))
    hours = sum(1 for bounds in course if bounds != (0, 0)) / 60
    assert round(100 * (1 - hours / 168)) == 64
    page = (ROOT / "docs/how-to/off-hours.md").read_text()
    assert "64 % fewer task-hours" in page
