"""The answers to requests for services that moto does not have, App Runner among them.

DescribeService and ListServices return what stacks have created. Any other request to an unknown
service is answered 400 with a JSON error: moto would answer it with an HTML page and a traceback.
https://docs.aws.amazon.com/apprunner/latest/api/API_DescribeService.html
https://docs.aws.amazon.com/apprunner/latest/api/CommonErrors.html
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.types.app_runner import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)
_PREFIX = "AppRunner."


def in_front_of(moto: Application) -> Application:
    """Wrap moto's application: answer requests for services that moto lacks, and pass on the
    others.
    """

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if target.startswith(_PREFIX):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            request = json.loads(environ["wsgi.input"].read(length) or b"{}")
            return _send(start_response, *_answer(target.removeprefix(_PREFIX), request))
        try:
            return moto(environ, start_response)
        except Exception as error:  # noqa: BLE001 - moto has several for a service it does not know
            host = environ.get("HTTP_HOST", "")
            log.warning("not emulated: %s %s: %r", host, target, error)
            return _send(start_response, 400, _refusal(f"{host} {target}".strip()))

    return application


def _answer(action: str, request: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    arn = str(request.get("ServiceArn"))
    match action:
        case "DescribeService" if arn in services:
            return 200, {"Service": services[arn]}
        case "DescribeService":
            message = f"Service {arn} does not exist"
            return 400, {"__type": "ResourceNotFoundException", "Message": message}
        case "ListServices":
            keys = ("ServiceArn", "ServiceId", "ServiceName", "ServiceUrl", "Status")
            summaries = [{key: service[key] for key in keys} for service in services.values()]
            return 200, {"ServiceSummaryList": summaries}
        case "DescribeCustomDomains":
            return 200, {"CustomDomains": [], "ServiceArn": arn}
        case _:
            return 400, _refusal(f"AppRunner.{action}")


def _refusal(what: str) -> dict[str, str]:
    return {"__type": "InvalidAction", "message": f"{what} is not emulated here"}


def _send(
    start_response: Callable[..., Any], status: int, body: Mapping[str, Any]
) -> Iterable[bytes]:
    data = json.dumps(body).encode()
    content = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("Content-Length", str(len(data))),
    ]
    start_response("200 OK" if status == 200 else "400 Bad Request", content)
    return [data]
