"""The Lambda functions that Copilot 1.34.1 renders into a stack, by what the manifest says. Pure.

Read from the templates in its binary; tests/workspace/test_fixes.py compares them with the CLI's
output. Application stacks have none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.check.subject.model import Environment, Variant
from ops.check.subject.plain import dig, listed, mapping
from ops.copilot.workload import APP_RUNNER, BACKEND, FARGATE, SERVICES, STATIC, WEB

RUNTIME = "nodejs20.x"  # of every function, in 1.34.1


@dataclass(frozen=True)
class Function:
    """A function that Copilot renders: its logical ID, and the field that causes it.

    `certain` is false if it depends on a value that is in no file: a variable, or the
    application's domain.
    """

    name: str
    at: tuple[str, ...] = ("type",)
    certain: bool = True


# Every function of a workload's template, for patches that name one which is not rendered.
OF_WORKLOADS = frozenset(
    {
        "EnvControllerFunction",
        "RulePriorityFunction",
        "DynamicDesiredCountFunction",
        "BacklogPerTaskCalculatorFunction",
        "NLBCustomDomainFunction",
        "NLBCertValidatorFunction",
        "CustomDomainFunction",
        "TriggerStateMachineFunction",
        "CertificateValidationFunction",
    }
)
OF_ENVIRONMENTS = frozenset(
    {
        "CertificateValidationFunction",
        "CustomDomainFunction",
        "DNSDelegationFunction",
        "BucketCleanerFunction",
        "CertificateReplicatorFunction",
        "UniqueJSONValuesFunction",
    }
)


def of_workload(variant: Variant) -> list[Function]:
    """Return the functions of a workload's stack in one environment."""
    data = mapping(variant.data)
    if variant.type in FARGATE:
        return [Function("EnvControllerFunction"), *_of_service(variant.type, data)]
    if variant.type == APP_RUNNER:
        return list(_of_app_runner(data))
    return list(_of_static_site(data)) if variant.type == STATIC else []


def _of_service(kind: str, data: Mapping[str, Any]) -> Iterator[Function]:
    http = data.get("http")
    if (kind == WEB and http is not False) or (kind == BACKEND and mapping(http)):
        yield Function("RulePriorityFunction", ("http",), certain=not isinstance(http, str))
    count = data.get("count")
    if kind in SERVICES and (isinstance(count, str) or dig(count, "range") is not None):
        certain = not isinstance(count, str)
        yield Function("DynamicDesiredCountFunction", ("count", "range"), certain)
        if mapping(dig(count, "queue_delay")):
            yield Function("BacklogPerTaskCalculatorFunction", ("count", "queue_delay"))
    nlb = mapping(data.get("nlb"))
    if kind == WEB and nlb.get("alias") is not None:
        yield Function("NLBCustomDomainFunction", ("nlb", "alias"), certain=False)
    listeners = [nlb, *(entry for _, entry in listed((), nlb.get("additional_listeners")))]
    if kind == WEB and any(
        str(dig(listener, "port")).lower().endswith("/tls") for listener in listeners
    ):
        yield Function("NLBCertValidatorFunction", ("nlb", "port"), certain=False)


def _of_app_runner(data: Mapping[str, Any]) -> Iterator[Function]:
    private = dig(data, "http", "private")
    imported = dig(private, "endpoint") is not None
    placed = dig(data, "network", "vpc", "placement") == "private"
    if (private and not imported) or placed:
        at = ("network", "vpc", "placement") if placed else ("http", "private")
        yield Function("EnvControllerFunction", at)
    if dig(data, "http", "alias") is not None:
        yield Function("CustomDomainFunction", ("http", "alias"))


def _of_static_site(data: Mapping[str, Any]) -> Iterator[Function]:
    yield Function("TriggerStateMachineFunction")
    if dig(data, "http", "alias") is not None and dig(data, "http", "certificate") is None:
        yield Function("CustomDomainFunction", ("http", "alias"))
        yield Function("CertificateValidationFunction", ("http", "alias"))


def of_environment(environment: Environment) -> list[Function]:
    """Return the functions of an environment's stack."""
    data = mapping(environment.data)
    public = mapping(dig(data, "http", "public"))
    functions = []
    if not public.get("certificates"):
        functions += [
            Function("CertificateValidationFunction"),
            Function("CustomDomainFunction"),
            Function("DNSDelegationFunction"),
        ]
    logs = public.get("access_logs")
    if logs and not dig(logs, "bucket_name"):
        at = ("http", "public", "access_logs")
        functions.append(Function("BucketCleanerFunction", at, certain=not isinstance(logs, str)))
    return [*functions, *_of_cdn(data.get("cdn"), imported=bool(public.get("certificates")))]


def _of_cdn(cdn: object, *, imported: bool) -> Iterator[Function]:
    """Return the functions of a CDN. Without certificates, the application's domain decides about
    them.
    """
    if not cdn:
        return
    certificate = dig(cdn, "certificate") is not None
    yield Function("UniqueJSONValuesFunction", ("cdn",), certain=certificate)
    if not certificate and not imported:
        yield Function("CertificateReplicatorFunction", ("cdn",), certain=False)
