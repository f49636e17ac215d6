"""Changes to a service that Python imports at its start, because this directory is on its path.

They slow down mail, and do what CHAOS_HASTY and CHAOS_WITHOUT request; the services contain none
of this.
"""

import os
import sys
import traceback

try:
    from tests.chaos import guards, haste, mail

    mail.slow_down()
    if os.environ.get("CHAOS_HASTY"):
        haste.hasten()
    for name in filter(None, os.environ.get("CHAOS_WITHOUT", "").split(",")):
        guards.take_out(name)
except BaseException:  # noqa: BLE001 - Python would report it and start the service all the same
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(70)
