"""Calls that moto lacks, or that fail inside it.

AWS: an action that a service does not have is answered at once with an error of the service's own
form (`InvalidAction`, 400).
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html

moto: such a call, and any fault of moto's own, ends in an HTML page with status 500, which SDKs
cannot read, so they retry for minutes.

Closed by answering 400 in the service's form. A fault is logged with its traceback.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

from moto.core import errors
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

log = logging.getLogger(__name__)


class _NotEmulatedError(ServiceException):
    code = "InvalidAction"


class _EmulatorFaultError(ServiceException):
    code = "EmulatorFault"


def close() -> None:
    """Answer every call in the form of its service."""
    original = BaseResponse.call_action
    if hasattr(original, "answers_faults"):
        return

    @functools.wraps(original)
    def call_action(self: BaseResponse) -> Any:
        try:
            return original(self)
        except NotImplementedError as error:
            log.warning("not emulated: %s: %s", self.service_name, error)
            return _answer(self, _NotEmulatedError(str(error)))
        except Exception as error:
            log.exception("fault in the emulator: %s", self.service_name)
            return _answer(self, _EmulatorFaultError(f"{type(error).__name__}: {error}"))

    call_action.answers_faults = True  # type: ignore[attr-defined]
    BaseResponse.call_action = call_action  # type: ignore[method-assign]
    # Else moto warns, on every such answer, that the service's model does not list the error.
    errors.COMMON_ERROR_CODES.extend((_NotEmulatedError.code, _EmulatorFaultError.code))


def _answer(response: BaseResponse, error: ServiceException) -> Any:
    _, headers, body = response.serialized(ActionResult(error))
    return 400, headers | {"status": "400"}, body
