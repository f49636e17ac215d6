"""The application for `celery -A amply.jobs.celery_app`."""

from amply.jobs.app import create_celery
from amply.logs import configure_logging
from amply.settings import load_settings
from amply.start import reported_in_one_line

configure_logging()
with reported_in_one_line():
    app = create_celery(load_settings())
