"""The tasks of `tests.amply.celery_app`, which a test must not import: it starts a service."""

SAY = "tests.say"
WORK = "tests.work"
DIE_ONCE = "tests.die_once"
OFTEN = "tests.often"
SELDOM = "tests.seldom"
