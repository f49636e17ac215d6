"""Reading what belongs to scalable targets: policies, scheduled actions and activities."""

from collections.abc import Collection, Mapping
from typing import Any

from ops.aws.client import MANY, side_by_side


def of_targets(
    paginator: Any,  # noqa: ANN401  # botocore makes its classes
    key: str,
    targets: Collection[str],
    **parameters: Any,  # noqa: ANN401
) -> list[Mapping[str, Any]]:
    """Return what an operation of Application Auto Scaling answers under `key` about ECS targets.

    `targets` are resource ids. A call for each of them; from `MANY` on, the pages of all targets
    of the account, of 10 policies or 50 actions or activities.
    """

    def read(target: str | None) -> list[Mapping[str, Any]]:
        only = {} if target is None else {"ResourceId": target}
        pages = paginator.paginate(ServiceNamespace="ecs", **only, **parameters)
        return [each for page in pages for each in page[key]]

    answers = side_by_side(read, targets) if len(targets) < MANY else [read(None)]
    return [each for answer in answers for each in answer if each["ResourceId"] in targets]
