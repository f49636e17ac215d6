"""`ops check --package`: the refusals of the real Copilot CLI, on the embedded AWS.

    packages.py ──▶ Packages ──▶ rule `copilot-refuses` ──▶ findings
     uses cli.py     (pure)       uses messages.py and places.py

`packages.py` and `cli.py` alone import `ops.local`, which needs the extra `local`.
"""
