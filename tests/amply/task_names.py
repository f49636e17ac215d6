"""Names of the tasks of `tests.amply.celery_app`; importing that module starts a service."""

SAY = "tests.say"
WORK = "tests.work"
DIE_ONCE = "tests.die_once"
OFTEN = "tests.often"
SELDOM = "tests.seldom"
