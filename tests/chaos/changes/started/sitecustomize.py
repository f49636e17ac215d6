"""Changes to a service that Python imports at its start, because this directory is on its path.

Nothing of this is in the services: mail takes its time and is kept twice if it is sent twice, and
what CHAOS_HASTY and CHAOS_WITHOUT say is done, to them here.
"""

import os
import sys
import traceback

try:
    from tests.chaos.changes import guards, haste, mail

    mail.as_ses()
    if os.environ.get("CHAOS_HASTY"):
        haste.hasten()
    for name in filter(None, os.environ.get("CHAOS_WITHOUT", "").split(",")):
        guards.take_out(name)
except BaseException:  # noqa: BLE001 - Python would report it and start the service all the same
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(70)
