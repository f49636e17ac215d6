"""The applications that `benchmarks/worker.py` compares, each with the same task.

`celery -A benchmarks.worker_app worker`; BENCHMARK_SETTINGS says which.
"""

import logging
import os
from collections.abc import Callable

from celery import Celery  # type: ignore[import-untyped]

from amply.base.logs import configure_logging
from amply.base.settings import load_settings
from amply.jobs.app import create_celery

logger = logging.getLogger("amply.benchmark")


def _celerys_own() -> Celery:
    settings = load_settings()
    queue = {settings.queue_name: {"url": settings.celery_queue_url}}
    app = Celery("benchmark", broker="sqs://")
    app.conf.broker_transport_options = {
        "predefined_queues": queue,
        "region": settings.aws_region,
    }
    app.conf.task_default_queue = settings.queue_name
    return app


def _ours(**transport_options: float) -> Celery:
    configure_logging()
    app = create_celery(load_settings())
    if transport_options:
        app.conf.broker_transport = None  # kombu's
        app.conf.broker_transport_options.update(transport_options)
    return app


_KINDS: dict[str, Callable[[], Celery]] = {
    "celery": _celerys_own,
    "ours": _ours,
    "kombu-0": lambda: _ours(polling_interval=0),
    "kombu-0.02": lambda: _ours(polling_interval=0.02),
    "kombu-0.05": lambda: _ours(polling_interval=0.05),
}
app = _KINDS[os.environ.get("BENCHMARK_SETTINGS", "ours")]()


@app.task(name="benchmark.donation")  # type: ignore[untyped-decorator]
def donation(donation_id: str) -> None:
    """Log the donation's id, as the real task does, and do nothing else."""
    logger.info("Donation succeeded", extra={"donation_id": donation_id})
