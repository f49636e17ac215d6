"""Names of the tasks of `celery_app` beside this; importing that module starts a service."""

SAY = "tests.say"
WORK = "tests.work"
DIE_ONCE = "tests.die_once"
OFTEN = "tests.often"
SELDOM = "tests.seldom"
