"""A workspace that declares something of every kind for staging, and its deployment."""

from pathlib import Path

from tests.ops.support.copilot_stacks import deploy_environment, deploy_web, deploy_worker

ALARM = (
    "{summary: One., severity: page, namespace: AWS/ECS, metric: CPUUtilization, threshold: 80,"
    " missing_data: ignore}"
)
LOG_METRICS = """\
log_metrics:
  metric_filters:
    errors: {pattern: '{ $.level = "ERROR" }'}
    slow: {pattern: '{ $.seconds > 1 }', value: $.seconds, unit: Seconds}
  queries:
    errors: {query: 'filter level = "ERROR"'}
"""
SHARED = """\
images:
  shop/web: {keep: 10}
  shop/worker: {keep: 5}
topics:
  page: {email: [oncall@shop.example], https: ["https://pager.shop.example/in"]}
dashboards: {}
environments:
  staging:
    schedules:
      off_hours:
        timezone: UTC
        up: "07:00"
        down: "19:00"
        holidays: [2099-12-24]
        order: [worker, web]
"""
WEB = """\
alarms:
  define:
    in-trouble: {{summary: Any of two., severity: page, rule: ALARM(alarm-000) OR ALARM(alarm-001)}}
{alarms}events: {{preset: service}}
{log_metrics}"""
WORKER = f"""\
queue: {{name: jobs}}
scaling:
  load_per_task: {{seconds_per_task: 0.5, concurrency: 4}}
  queue_depth: {{target: 100, scale_in: false}}
events: {{preset: service}}
{LOG_METRICS}"""


def declare(workspace: Path, *, alarms: int) -> None:
    """Write files with so many alarms (at least two), a composite one, and all other kinds."""
    defined = "".join(f"    alarm-{at:03}: {ALARM}\n" for at in range(alarms))
    manifest = "name: {}\ntype: {}\ncount: {}\n"
    files = {
        "ops.yml": SHARED,
        "web/manifest.yml": manifest.format("web", "Load Balanced Web Service", 2),
        "web/ops.yml": WEB.format(alarms=defined, log_metrics=LOG_METRICS),
        "worker/manifest.yml": manifest.format("worker", "Backend Service", "{range: 2-20}"),
        "worker/ops.yml": WORKER,
    }
    for name, text in files.items():
        (workspace / "copilot" / name).write_text(text)


def deploy() -> None:
    """Deploy both services to staging."""
    environment = deploy_environment("shop", "staging")
    deploy_web("shop", "staging", "web", environment["HTTPListener"])
    deploy_worker("shop", "staging", "worker")
