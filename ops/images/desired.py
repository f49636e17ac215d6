"""Which image repositories the application should have. Pure: settings in, properties out.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from ops.images.settings import Repository, Settings
from ops.place import ApplicationPlace
from ops.plan import Json, Resource


def desired(settings: Settings, place: ApplicationPlace) -> list[Resource]:
    """The repositories that `copilot/ops.yml` declares."""
    return [
        Resource(name, _properties(repository), place.tags)
        for name, repository in settings.root.items()
    ]


def _properties(repository: Repository) -> dict[str, Json]:
    return {
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        "imageTagMutability": "IMMUTABLE" if repository.immutable_tags else "MUTABLE",
        "lifecyclePolicy": {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": f"Keep last {repository.keep} images",
                    "selection": {
                        "tagStatus": "any",
                        "countType": "imageCountMoreThan",
                        "countNumber": repository.keep,
                    },
                    "action": {"type": "expire"},
                }
            ]
        },
    }
