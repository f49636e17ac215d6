"""Secrets requested by a partial ARN.

AWS: an ARN that ends in a hyphen and six characters is a complete one. A secret with such a name
is therefore not found by its partial ARN (`ops.copilot.secret_names` has the sources).

moto: any partial ARN finds its secret.

Closed by reading no name from an ARN that looks complete, which moto has already compared with all
complete ARNs.
"""

from __future__ import annotations

from moto.secretsmanager import models, utils

from ops.copilot.secret_names import complete

_NO_NAME = ""


def close() -> None:
    """Find secrets by partial ARNs as AWS does."""
    models.get_secret_name_from_partial_arn = _name  # type: ignore[attr-defined]  # moto does not export it


def _name(partial_arn: str) -> str:
    name = utils.get_secret_name_from_partial_arn(partial_arn)
    return _NO_NAME if name != partial_arn and complete(name) else name
