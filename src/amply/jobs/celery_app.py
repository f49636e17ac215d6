"""The application for `celery -A amply.jobs.celery_app`."""

from amply.base.logs import configure_logging
from amply.base.settings import load_settings
from amply.base.start import reported_in_one_line
from amply.jobs.app import create_celery

configure_logging()
with reported_in_one_line():
    app = create_celery(load_settings())
