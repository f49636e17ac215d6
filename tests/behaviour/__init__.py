"""Rules of AWS as questions to an endpoint: `python -m tests.behaviour --endpoint URL`.

Each case names its rule and the page that documents it. It asks through the API alone, so that it
can be put to any emulator, and to AWS. A case that needs time to pass is asked only where time can
be made to pass; elsewhere it is reported as not askable, and never as a failure.

    case      a case, a world to ask, and the outcome of asking
    alarms    states of metric alarms, composite alarms, mute rules
    scaling   Application Auto Scaling
    refusals  what AWS refuses
"""
