"""The way to AWS: sessions, retries, calls side by side, and errors as sentences."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)
from botocore.session import Session

from ops.aws.access import Access
from ops.aws.retries import CONFLICTS, retrying
from ops.base.errors import OpsError

ACCESS = Access("resourcegroupstaggingapi", reads=("GetResources",))
IDENTITY = Access("sts", reads=("GetCallerIdentity",))  # AWS allows it to everyone
AwsError = (BotoCoreError, ClientError)

_ATTEMPTS = "8"
SIDE_BY_SIDE = 8  # calls under way at once
# From so many services on, pages of the whole account are read instead of a call for each service.
# An account of fewer than some hundred scaled services then takes fewer calls.
MANY = 10
_GONE = ("NotFound", "NotFoundException")  # how every service's code for it ends
_PAGE = 100  # resources a page; the most that the tagging API gives

# What went wrong before AWS answered: the library's errors, what to say, what to do.
_BEFORE_ANY_ANSWER: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (NoCredentialsError, PartialCredentialsError),
        "AWS needs credentials and found none",
        "Set AWS_PROFILE, give --profile, or sign in with `aws sso login`.",
    ),
    (
        (SSOError, TokenRetrievalError),
        "The AWS sign-in has expired",
        "Sign in again with `aws sso login`.",
    ),
    (
        (ProfileNotFound,),
        "{error}",
        "`aws configure list-profiles` shows those there are.",
    ),
    (
        (NoRegionError,),
        "AWS needs a region and found none",
        "Give --region, set AWS_REGION, or set a region in the profile.",
    ),
    (
        (BotoConnectionError, HTTPClientError),
        "AWS cannot be reached: {error}",
        "Check the network, the region's name and AWS_ENDPOINT_URL.",
    ),
)

# What AWS answers instead of a result: its codes, what to say, what to do.
_ANSWERS: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset(
            {
                "Throttling",
                "ThrottlingException",
                "ThrottledException",
                "RequestLimitExceeded",
                "RequestThrottled",
                "RequestThrottledException",
                "SlowDown",
                "TooManyRequestsException",
            }
        ),
        "AWS throttles {call}: it was refused through all retries",
        "Wait a minute and run the same command again; it goes on where it stopped.",
    ),
    (
        CONFLICTS,
        "AWS refused {call} through all retries, for another change under way: {message}",
        "Wait until that is over and run the same command again; it goes on where it stopped.",
    ),
    (
        frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}),
        "AWS does not allow {call}: {message}",
        "Ask for this permission.",
    ),
    (
        frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"}),
        "The AWS credentials have expired",
        "Sign in again with `aws sso login`.",
    ),
    (
        frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"}),
        "AWS does not know these credentials ({code})",
        "Check AWS_PROFILE, --profile and AWS_ACCESS_KEY_ID.",
    ),
)

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Aws:
    """A session with AWS, by the usual settings (profile, region, `AWS_ENDPOINT_URL`).

    botocore's, which makes the very clients that boto3 makes: boto3 itself loads what moves files
    to S3, a tenth of a second for each command.
    """

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._session = Session(profile=profile)
        try:
            # botocore reads AWS_DEFAULT_REGION alone; the AWS CLI and others read this one first.
            given = region or os.environ.get("AWS_REGION")
            self.region = str(given or self._session.get_config_variable("region") or "")
            self._session.get_scoped_config()  # raises where there is no such profile
        except BotoCoreError as error:
            raise explain(error) from error
        if not self.region:
            raise explain(NoRegionError())
        attempts = _attempts()
        self._retrying = retrying(attempts)
        # Adaptive: after a first throttling the client slows itself to what the API takes.
        self.config = Config(
            retries={"mode": "adaptive", "total_max_attempts": attempts},
            max_pool_connections=SIDE_BY_SIDE,
            user_agent_extra="ops",
        )
        self._may_write = False
        self._settings: Mapping[str, Any] = {"region_name": self.region}

    def elsewhere(self, region: str | None, credentials: Mapping[str, str]) -> "Aws":
        """The same in another region, with these credentials in place of the session's.

        None and an empty mapping leave them as they are. `credentials` have botocore's names.
        """
        other = copy(self)
        other.region = region or self.region
        other._settings = {"region_name": other.region, **credentials}  # noqa: SLF001  # its own class
        return other

    def client(self, access: Access) -> Any:  # noqa: ANN401  # botocore makes its clients' classes
        """A client that does what `access` names and nothing else, and writes only in `writing`."""
        client: Any = self._session.create_client(
            access.service, config=self.config, **self._settings
        )

        def check(model: Any, **_: object) -> None:  # noqa: ANN401
            operation: str = model.name
            if operation in access.writes and not self._may_write:
                raise RuntimeError(f"{operation} writes, and only what a user confirmed may write")
            if operation not in (*access.reads, *access.writes):
                raise RuntimeError(f"{operation} is not among the calls declared for {access}")

        client.meta.events.register("before-call", check)
        client.meta.events.register("needs-retry", self._retrying)
        return client

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let clients write inside the block."""
        self._may_write = True
        try:
            yield
        finally:
            self._may_write = False

    def partition(self) -> str:
        """The partition of the region, as ARNs begin with it: `aws`, `aws-cn`, `aws-us-gov`."""
        return str(self._session.get_partition_for_region(self.region))

    def account(self) -> str:
        """The account whose credentials these are, by one call."""
        return str(self.client(IDENTITY).get_caller_identity()["Account"])

    def tagged(self, resource_type: str, tags: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """By ARN, all tags of each resource of a type (`cloudwatch:alarm`) that carries these.

        One call for each 100. AWS's index of tags is some seconds behind.
        """
        pages = (
            self.client(ACCESS)
            .get_paginator("get_resources")
            .paginate(
                ResourceTypeFilters=[resource_type],
                TagFilters=[{"Key": key, "Values": [value]} for key, value in tags.items()],
                ResourcesPerPage=_PAGE,
            )
        )
        return {
            each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
            for page in pages
            for each in page["ResourceTagMappingList"]
        }


def _attempts() -> int:
    """How often a call is tried, the first time included. Raises OpsError for a bad setting."""
    text = os.environ.get("AWS_MAX_ATTEMPTS") or _ATTEMPTS
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise OpsError(
            f"AWS_MAX_ATTEMPTS must be a whole number from 1 on, not `{text}`",
            f"Set it to one, or unset it: {_ATTEMPTS} is what ops takes.",
        )
    return int(text)


def side_by_side(function: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
    """`function` of each item, several at a time, results in the items' order."""
    todo = list(items)
    if len(todo) <= 1:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        return list(pool.map(function, todo))


def in_batches(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """The items in runs of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def code_of(error: ClientError) -> str:
    """The error code that the service answered, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_gone(error: BaseException) -> bool:
    """Whether AWS answered that there is no such thing, or no longer."""
    return isinstance(error, ClientError) and code_of(error).endswith(_GONE)


def has_no_stack(error: ClientError) -> bool:
    """Whether CloudFormation answered that there is no such stack, or nothing of a name in it.

    It has no code of its own for that.
    """
    return code_of(error) == "ValidationError" and "does not exist" in str(error)


def tags_of(list_tags: Callable[..., Mapping[str, Any]], **resource: str) -> dict[str, str]:
    """What a service's ListTagsForResource answers; nothing for what was removed meanwhile."""
    try:
        answer = list_tags(**resource)
    except ClientError as error:
        if is_gone(error):
            return {}
        raise
    tags = answer["Tags"] if "Tags" in answer else answer["tags"]
    return dict(tags) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags}


@contextmanager
def unless_gone() -> Iterator[None]:
    """Let the removal of one thing find nothing there: it has gone, which is all that was wanted.

    Another sync was quicker, or it was our own call, whose answer got lost. Not for several things
    at once, because those that are left would be skipped.
    """
    try:
        yield
    except ClientError as error:
        if not is_gone(error):
            raise


def explain(error: BaseException) -> OpsError:
    """The error of an AWS call as a sentence and what to do next."""
    if isinstance(error, OpsError):
        return error
    if isinstance(error, ClientError):
        return _explain_answer(error)
    for types, what, next_step in _BEFORE_ANY_ANSWER:
        if isinstance(error, types):
            return OpsError(what.format(error=error), next_step)
    return OpsError(f"The AWS library gave up: {error}")


def _explain_answer(error: ClientError) -> OpsError:
    code, call = code_of(error), error.operation_name
    message = str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    for codes, what, next_step in _ANSWERS:
        if code in codes:
            return OpsError(what.format(call=call, message=message, code=code), next_step)
    return OpsError(f"AWS refused {call}: {message or code} ({code})")
