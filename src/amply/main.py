"""The application for `uvicorn amply.main:app`."""

from amply.api.app import create_app
from amply.base.logs import configure_logging
from amply.base.settings import load_settings
from amply.base.start import reported_in_one_line

configure_logging()
with reported_in_one_line():
    settings = load_settings().require("api")
    configure_logging(settings.log_level)
    app = create_app(settings)
