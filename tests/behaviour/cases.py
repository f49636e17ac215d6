"""The list of all cases."""

from __future__ import annotations

from tests.behaviour import alarms, refusals, scaling

CASES = (*alarms.CASES, *scaling.CASES, *refusals.CASES)
