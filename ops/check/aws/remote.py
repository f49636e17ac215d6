"""The questions of `ops check --live` to AWS; nothing else of `ops check` calls it."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.alarms import describe_alarms
from ops.aws.client import IDENTITY, Aws, code_of, explain, has_no_stack, in_batches, side_by_side
from ops.check.aws.references import (
    ECR,
    imports,
    locations,
    named_secrets,
    queue_names,
    rollback_alarms,
)
from ops.check.subject.live import Live, Stored
from ops.check.subject.model import Subject
from ops.copilot.workload import SERVICES

ACCESS = (
    Access("secretsmanager", reads=("DescribeSecret",)),
    Access("ssm", reads=("DescribeParameters", "ListTagsForResource")),
    Access("sqs", reads=("GetQueueUrl", "GetQueueAttributes")),
    Access("ecr", reads=("DescribeImages",)),
    Access("cloudformation", reads=("DescribeStacks", "ListExports")),
    Access("cloudwatch", reads=("DescribeAlarms",)),
    Access("service-quotas", reads=("GetServiceQuota",)),
    IDENTITY,
)
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_NO_QUEUE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
_NO_IMAGE = {"ImageNotFoundException", "RepositoryNotFoundException"}
_VCPUS = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}

Answer = TypeVar("Answer")


def read_live(aws: Aws, subject: Subject, environment: str) -> Live:
    """Read everything in AWS that the workspace refers to in an environment.

    `subject` is of that environment. `refused` of the result lists what AWS does not allow. Raise
    OpsError for any other refusal, and botocore's errors as they are.
    """
    reader = _Reader(aws)
    secrets = {secret for _, _, secret in named_secrets(subject)}
    managed = {secret.name for secret in secrets if secret.manager}
    if managed:
        place = f"{aws.partition()}:secretsmanager:{aws.region}:{aws.account()}"
        reader.arn_of_secrets = f"arn:{place}:secret:"
    application = subject.workspace.application
    services = [manifest.name for manifest in subject.manifests if manifest.type in SERVICES]
    return Live(
        environment=environment,
        secrets=reader.answers_for(managed, reader.secret),
        parameters=reader.parameters({secret.name for secret in secrets if not secret.manager}),
        queues=reader.answers_for({name for _, _, name in queue_names(subject)}, reader.queue),
        images=reader.answers_for(
            {location for _, _, location in locations(subject)}, reader.image
        ),
        stacks=reader.answers_for(
            set(services), lambda name: reader.stack(f"{application}-{environment}-{name}")
        ),
        alarms=reader.alarms({name for _, _, name in rollback_alarms(subject)}),
        exports=reader.exports() if any(imports(subject)) else None,
        vcpus=reader.vcpus(),
        refused=tuple(sorted(reader.refused)),
    )


class _Reader:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._clients = {access.service: aws.client(access) for access in ACCESS}
        self.refused: set[str] = set()
        self.arn_of_secrets = ""  # up to the name

    def answers_for(
        self, names: Collection[str], read: Callable[[str], Answer]
    ) -> dict[str, Answer]:
        """Return the result of `read` for each name, without those that AWS does not allow."""
        ordered = sorted(names)

        def attempt(name: str) -> list[Answer]:
            try:
                return [read(name)]
            except ClientError as error:
                self._refuse(error)
                return []

        answers = side_by_side(attempt, ordered)
        return {name: answer[0] for name, answer in zip(ordered, answers, strict=True) if answer}

    def _refuse(self, error: ClientError) -> None:
        """Record a refusal for the report. Raise OpsError for any other error."""
        if code_of(error) not in _DENIED:
            raise explain(error) from error
        self.refused.add(f"AWS does not allow {error.operation_name}")

    def secret(self, name: str) -> Stored | None:
        """Return a secret, read by the ARN that Copilot gives to ECS: AWS finds some secrets by
        name only.
        """
        arn = name if name.startswith("arn:") else f"{self.arn_of_secrets}{name}"
        try:
            answer = self._clients["secretsmanager"].describe_secret(SecretId=arn)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        if "DeletedDate" in answer:
            return None
        return Stored(_tags(answer.get("Tags", ())))

    def parameters(self, names: Collection[str]) -> dict[str, Stored | None]:
        """Return parameters as DescribeParameters lists them; no value is read or decrypted."""
        client = self._clients["ssm"]
        existing: set[str] = set()
        for batch in in_batches(sorted(names), 50):
            filters = [{"Key": "Name", "Option": "Equals", "Values": list(batch)}]
            try:
                pages = client.get_paginator("describe_parameters").paginate(
                    ParameterFilters=filters
                )
                existing |= {
                    parameter["Name"] for page in pages for parameter in page["Parameters"]
                }
            except ClientError as error:
                self._refuse(error)
                return {}
        return {**dict.fromkeys(names), **self.answers_for(existing, self._parameter)}

    def _parameter(self, name: str) -> Stored | None:
        answer = self._clients["ssm"].list_tags_for_resource(
            ResourceType="Parameter", ResourceId=name
        )
        return Stored(_tags(answer["TagList"]))

    def queue(self, name: str) -> dict[str, str] | None:
        client = self._clients["sqs"]
        try:
            address = client.get_queue_url(QueueName=name)["QueueUrl"]
            names = ["VisibilityTimeout", "RedrivePolicy"]
            answer = client.get_queue_attributes(QueueUrl=address, AttributeNames=names)
        except ClientError as error:
            if code_of(error) in _NO_QUEUE:
                return None
            raise
        return dict(answer.get("Attributes", {}))

    def image(self, location: str) -> bool:
        match = ECR.fullmatch(location)
        if match is None:
            return True
        image_id = (
            {"imageDigest": match["digest"]}
            if match["digest"]
            else {"imageTag": match["tag"] or "latest"}
        )
        client = self._aws.elsewhere(match["region"], {}).client(ACCESS[3])
        try:
            client.describe_images(
                registryId=match["account"],
                repositoryName=match["repository"],
                imageIds=[image_id],
            )
        except ClientError as error:
            if code_of(error) in _NO_IMAGE:
                return False
            raise
        return True

    def stack(self, name: str) -> str | None:
        try:
            answer = self._clients["cloudformation"].describe_stacks(StackName=name)
        except ClientError as error:
            if has_no_stack(error):
                return None
            raise
        return str(answer["Stacks"][0]["StackStatus"])

    def exports(self) -> frozenset[str] | None:
        """Return the names that stacks export; None if AWS does not allow listing them."""
        try:
            pages = self._clients["cloudformation"].get_paginator("list_exports").paginate()
            return frozenset(export["Name"] for page in pages for export in page["Exports"])
        except ClientError as error:
            self._refuse(error)
            return None

    def alarms(self, names: Collection[str]) -> dict[str, str | None]:
        states: dict[str, str | None] = dict.fromkeys(names)
        try:
            for alarm in describe_alarms(self._clients["cloudwatch"], names):
                states[alarm["AlarmName"]] = alarm["StateValue"]
        except ClientError as error:
            self._refuse(error)
            return {}
        return states

    def vcpus(self) -> float | None:
        """Return the quota of Fargate On-Demand, or None if the account has none yet."""
        try:
            answer = self._clients["service-quotas"].get_service_quota(**_VCPUS)
        except ClientError as error:
            if code_of(error) != "NoSuchResourceException":
                self._refuse(error)
            return None
        return float(answer["Quota"]["Value"])


def _tags(tags: Iterable[Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
