"""Parameters that a service's own model does not allow.

AWS: a parameter that is too long, does not match its pattern or is not one of the values of its
enumeration is refused before anything happens, with a ValidationException, or a ValidationError
for services with XML. ECR and CloudWatch Logs call it InvalidParameterException.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html

moto: checks a few parameters, and accepts all others.

Closed by checking every request, of any client, to the services that `ops` uses, against botocore's
models.
"""

from __future__ import annotations

import functools
from typing import Any, cast

from moto.core import errors
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from ops.aws.constraints import violations

SERVICES = frozenset(
    {
        "application-autoscaling",
        "cloudformation",
        "cloudtrail",
        "cloudwatch",
        "ecr",
        "ecs",
        "elbv2",
        "events",
        "logs",
        "resourcegroupstaggingapi",
        "secretsmanager",
        "service-quotas",
        "sns",
        "sqs",
        "ssm",
        "sts",
    }
)
_INVALID_PARAMETER = "InvalidParameterException"
_CODES = {"ecr": _INVALID_PARAMETER, "logs": _INVALID_PARAMETER}


class RefusedError(ServiceException):
    """A request that AWS refuses, in the form of the service that answers."""

    def __init__(self, response: BaseResponse, message: str) -> None:
        super().__init__(message)
        model = get_service_model(response.boto3_service_name)
        is_query = model.metadata["protocol"] == "query"
        default = "ValidationError" if is_query else "ValidationException"
        self.code = _CODES.get(response.boto3_service_name, default)


def parameters_of(response: BaseResponse) -> dict[str, Any] | None:
    """Return the parameters of a request by the API's names; None where they cannot be read."""
    model = get_service_model(response.boto3_service_name)
    action = response._get_action()
    if action not in model.operation_names:
        return None
    request = response.normalized_request
    protocol = determine_request_protocol(model, request.content_type)
    parser: Any = PROTOCOL_PARSERS[protocol](model.operation_model(action), map_type=dict)
    try:
        return cast(
            "dict[str, Any]",
            parser.parse(
                {
                    "method": request.method,
                    "values": request.values,
                    "headers": request.headers,
                    "body": request.data,
                    "url_path": request.path,
                    "url_params": response.uri_match,
                }
            ),
        )
    except (TypeError, ValueError, AttributeError):
        return None  # of a form that the model does not have: moto answers as it likes


def refuse(response: BaseResponse, reasons: list[str]) -> None:
    """Raise RefusedError if there is a reason to."""
    if reasons:
        noun = "validation error" if len(reasons) == 1 else "validation errors"
        raise RefusedError(response, f"{len(reasons)} {noun} detected: {'; '.join(reasons)}")


def close() -> None:
    """Check every request to the services that `ops` uses."""
    original = BaseResponse.call_action
    if hasattr(original, "checks_parameters"):
        return

    @functools.wraps(original)
    def call_action(self: BaseResponse) -> Any:
        if self.boto3_service_name in SERVICES:
            try:
                _check(self)
            except RefusedError as error:
                _, headers, body = self.serialized(ActionResult(error))
                return 400, headers | {"status": "400"}, body
        return original(self)

    call_action.checks_parameters = True  # type: ignore[attr-defined]
    BaseResponse.call_action = call_action  # type: ignore[method-assign]
    # Else moto warns, on every such answer, that the service's model does not list the error.
    errors.COMMON_ERROR_CODES.extend(("ValidationError", "ValidationException"))


def _check(response: BaseResponse) -> None:
    parameters = parameters_of(response)
    if parameters is None:
        return
    model = get_service_model(response.boto3_service_name)
    shape = model.operation_model(response._get_action()).input_shape
    if shape is not None:
        refuse(response, [str(violation) for violation in violations(shape, parameters)])
