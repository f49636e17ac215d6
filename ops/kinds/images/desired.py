"""The desired image repositories of the application. Pure: settings in, properties out.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from ops.copilot.place import ApplicationPlace
from ops.kinds.images.settings import Repository, Settings
from ops.plan.model import Json, Resource


def desired(settings: Settings, place: ApplicationPlace) -> list[Resource]:
    """Return the repositories that `copilot/ops.yml` declares."""
    return [
        Resource(name, _properties(repository), place.tags, adopted=repository.adopt)
        for name, repository in settings.root.items()
    ]


def lifecycle_policy(keep: int) -> dict[str, Json]:
    """Return the policy that keeps the last images, whatever their tags."""
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Keep last {keep} images",
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": keep,
                },
                "action": {"type": "expire"},
            }
        ]
    }


def _properties(repository: Repository) -> dict[str, Json]:
    immutable = repository.immutable_tags
    if immutable is None and not repository.adopt:
        immutable = True
    mutability: dict[str, Json] = {}
    if immutable is not None:
        mutability = {"imageTagMutability": "IMMUTABLE" if immutable else "MUTABLE"}
    return {
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        **mutability,
        "lifecyclePolicy": lifecycle_policy(repository.keep),
    }
