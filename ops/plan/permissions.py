"""The IAM policy of each group of commands, generated from the declarations in their code.

A client (`ops.aws.client`) refuses calls that its `Access` does not name, so the policy is never
too small; each name is declared next to its call, so the policy is no larger than the code.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module

from ops.aws.access import Access
from ops.aws.scopes import NAME, SCOPES, Scope
from ops.base.kinds import KINDS
from ops.plan.model import Json

_PLACES = ("ops.copilot.stacks", "ops.copilot.environments")  # where things are
_FOUNDATION = ("ops.aws.client", *_PLACES)  # and what is ours
_OF_KINDS = (
    "ops.copilot.metric_resolution",
    *(f"ops.kinds.{kind.name}.remote" for kind in KINDS),
)
_ON_CALL = (
    *_FOUNDATION,
    "ops.oncall.status.remote",
    "ops.oncall.status.tasks.remote",
    "ops.oncall.queue.remote",
)

# The modules that make clients, by command group, and whether the group writes.
GROUPS: dict[str, tuple[tuple[str, ...], bool]] = {
    "plan": ((*_FOUNDATION, *_OF_KINDS, "ops.copilot.queues", "ops.plan.authors.remote"), False),
    "sync": ((*_FOUNDATION, *_OF_KINDS, "ops.copilot.queues"), True),
    "check": ((*_PLACES, "ops.check.aws.remote"), False),
    "images": (
        (
            "ops.aws.client",
            "ops.kinds.images.remote",
            "ops.kinds.images.stored.remote",
            "ops.kinds.images.use.remote",
        ),
        True,
    ),
    "release": (
        (
            *_FOUNDATION,
            *_OF_KINDS,
            "ops.copilot.queues",
            "ops.check.aws.remote",
            "ops.kinds.images.stored.remote",
            "ops.kinds.images.use.remote",
            "ops.release.aws.alarms",
            "ops.release.aws.images",
            "ops.release.aws.journal",
            "ops.release.aws.live",
            "ops.release.steps.preflight",
            "ops.release.aws.reasons",
            "ops.release.aws.tasks",
        ),
        True,
    ),
    "release-plan": (  # `ops release --dry-run`
        (
            "ops.aws.client",
            "ops.kinds.images.stored.remote",
            "ops.release.aws.images",
            "ops.release.aws.journal",
            "ops.release.aws.live",
        ),
        False,
    ),
    "schedules": (
        (
            *_PLACES,
            "ops.kinds.schedules.remote",
            "ops.kinds.schedules.override.remote",
            "ops.kinds.schedules.manual.remote",
        ),
        True,
    ),
    "status": (_ON_CALL, False),
    "logs": ((*_PLACES, "ops.oncall.logs.remote"), False),
    "queue": ((*_PLACES, "ops.oncall.queue.remote", "ops.oncall.logs.remote"), True),
}

# Where IAM's prefix is not botocore's name of the service; tests check them all.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
}
# Operations that IAM knows by another action's name: batches are allowed by what they repeat.
_ACTIONS = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def accesses(group: str) -> list[Access]:
    """Return the access that the code of a command group declares."""
    modules, _ = GROUPS[group]
    return [access for module in modules for access in declared(module)]


def policy(
    group: str, application: str | None = None, *, cross_account: bool = False
) -> dict[str, Json]:
    """Return the policy document for a command group.

    Writes are limited to resource types and, with an `application`, to names that begin with its
    own, as far as AWS allows for the action. With `cross_account`, the policy includes the roles of
    other accounts that the code assumes.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    declared = [access for access in accesses(group) if access.roles is None]
    read = _actions((a, a.reads) for a in declared)
    statements: list[Json] = [_statement("Read", read)]
    if GROUPS[group][1]:
        written = _actions((a, a.writes) for a in declared)
        implied = {action for access in declared for action in access.implied}
        statements += _writes((written | implied) - read, application)
    if cross_account:
        statements += _into_other_accounts(accesses(group))
    return {"Version": "2012-10-17", "Statement": statements}


def declared(module: str) -> Iterator[Access]:
    """Return every Access that a module declares."""
    for value in vars(import_module(module)).values():
        many = value if isinstance(value, tuple) else (value,)
        yield from (access for access in many if isinstance(access, Access))


def action(service: str, operation: str) -> str:
    """Return the IAM action that allows an operation of a service, both by botocore's names."""
    name = f"{_PREFIXES.get(service, service)}:{operation}"
    return _ACTIONS.get(name, name)


def _actions(operations: Iterable[tuple[Access, tuple[str, ...]]]) -> set[str]:
    return {action(access.service, name) for access, names in operations for name in names}


def _writes(actions: Iterable[str], application: str | None) -> Iterator[Json]:
    """Yield a statement for each scope; actions without a scope first."""
    scopes: dict[tuple[str, str], tuple[Scope, list[str]]] = {}
    for name in sorted(actions):
        scope = SCOPES[name]
        key = (" ".join(scope.resources), str(scope.condition))
        scopes.setdefault(key, (scope, []))[1].append(name)
    for number, (_, (scope, names)) in enumerate(sorted(scopes.items())):
        begin = f"{application}" if application else ""
        resources = [resource.replace(NAME, begin) for resource in scope.resources]
        statement = _statement(f"Write{number or ''}", set(names))
        statement["Resource"] = resources[0] if len(resources) == 1 else list(resources)
        if scope.condition is not None:
            statement["Condition"] = {key: dict(test) for key, test in scope.condition.items()}
        yield statement


def _into_other_accounts(accesses: Iterable[Access]) -> Iterator[Json]:
    """Limit a statement to other accounts: a role of that name in this account would turn a reader
    into a writer.

    `aws:ResourceAccount` is the account of the role:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
    """
    for access in accesses:
        if access.roles is not None:
            yield {
                "Sid": "OtherAccounts",
                "Effect": "Allow",
                "Action": sorted(action(access.service, name) for name in access.reads),
                "Resource": access.roles,
                "Condition": {
                    "StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}
                },
            }


def _statement(sid: str, actions: set[str]) -> dict[str, Json]:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
