"""A gap of moto's that affects Copilot's templates: its CloudFormation has no scalable target."""

from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.common_models import CloudFormationModel


class ScalableTarget(CloudFormationModel):
    """`AWS::ApplicationAutoScaling::ScalableTarget`; moto finds the class by its base class."""

    def __init__(self, resource_id: str) -> None:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalabletarget.html#return-values
        self.physical_resource_id = f"{resource_id}|ecs:service:DesiredCount|ecs"

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApplicationAutoScaling::ScalableTarget"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003  # moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: object,  # noqa: ARG003
    ) -> "ScalableTarget":
        given = cloudformation_json["Properties"]
        applicationautoscaling_backends[account_id][region_name].register_scalable_target(
            given["ServiceNamespace"],
            given["ResourceId"],
            given["ScalableDimension"],
            given["MinCapacity"],
            given["MaxCapacity"],
            given["RoleARN"],
            {},  # type: ignore[arg-type]  # annotated as text, but answered as a structure
        )
        return cls(given["ResourceId"])
