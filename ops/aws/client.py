"""AWS clients: sessions, retries, concurrent calls, and errors as sentences."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from functools import cache
from threading import Lock
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
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.session import Session

from ops.aws.access import Access
from ops.aws.constraints import Request, check_parameters, refusals
from ops.aws.retries import CONFLICTS, THROTTLES, retrying
from ops.base.errors import OpsError

ACCESS = Access("resourcegroupstaggingapi", reads=("GetResources",))
IDENTITY = Access("sts", reads=("GetCallerIdentity",))  # AWS allows it to everyone
AwsError = (BotoCoreError, ClientError)

_ATTEMPTS = "8"
SIDE_BY_SIDE = 8  # concurrent calls
# From so many services on, pages of the whole account are read instead of a call for each service.
# An account of fewer than some hundred scaled services then takes fewer calls.
MANY = 10
_GONE = ("NotFound", "NotFoundException")  # how every service's code for it ends
_PAGE = 100  # resources a page; the most that the tagging API gives

# Errors before AWS answered: the library's class, the message, the next step.
_BEFORE_ANY_ANSWER: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (NoCredentialsError, PartialCredentialsError),
        "There are no AWS credentials",
        "Set AWS_PROFILE, pass --profile, or sign in with `aws sso login`.",
    ),
    (
        (SSOError, TokenRetrievalError),
        "The AWS sign-in has expired",
        "Sign in again with `aws sso login`.",
    ),
    ((ProfileNotFound,), "{error}", "`aws configure list-profiles` lists the profiles."),
    (
        (NoRegionError,),
        "No AWS region is set",
        "Pass --region, set AWS_REGION, or set a region in the profile.",
    ),
    (
        (BotoConnectionError, HTTPClientError),
        "AWS cannot be reached: {error}",
        "Check the network, the region's name and AWS_ENDPOINT_URL.",
    ),
)

# Errors in AWS's answers: the codes, the message, the next step.
_ANSWERS: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        THROTTLES,
        "AWS throttled {call} in all retries",
        "Wait a minute and run the same command again; it continues where it stopped.",
    ),
    (
        CONFLICTS,
        "AWS refused {call} in all retries, because another change is in progress: {message}",
        "Wait until it has ended and run the same command again; it continues where it stopped.",
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
        "AWS rejected these credentials ({code})",
        "Check AWS_PROFILE, --profile and AWS_ACCESS_KEY_ID.",
    ),
)

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Aws:
    """A session with AWS, with the standard settings (profile, region, `AWS_ENDPOINT_URL`).

    It is botocore's: boto3 also loads S3 transfers, a tenth of a second for each command.
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
        self._model = cache(self._session.get_service_model)  # which keeps the shapes it resolved
        self._may_write = False
        self._settings: Mapping[str, Any] = {"region_name": self.region}
        self._creating = Lock()
        self._clients: dict[Access, Any] = {}

    def elsewhere(self, region: str | None, credentials: Mapping[str, str]) -> "Aws":
        """Return the same session in another region, with these credentials instead of its own.

        None and an empty mapping keep the current ones. `credentials` have botocore's names.
        """
        other = copy(self)
        other.region = region or self.region
        other._settings = {"region_name": other.region, **credentials}  # noqa: SLF001  # its own class
        other._clients = {}  # noqa: SLF001  # as above
        return other

    def client(self, access: Access) -> Any:  # noqa: ANN401  # botocore makes its clients' classes
        """Return a client limited to the calls of `access`; it writes only in `writing`.

        Do not catch `client.exceptions`, but ask `code_of`: botocore creates the classes on first
        use, and two threads get a set each.
        https://github.com/boto/botocore/blob/develop/botocore/errorfactory.py
        """
        with self._creating:  # a session is not for several threads
            if access not in self._clients:
                self._clients[access] = self._created(access)
            return self._clients[access]

    def _created(self, access: Access) -> Any:  # noqa: ANN401  # as above
        session: Any = self._session
        client = session.create_client(access.service, config=self.config, **self._settings)

        def check(model: Any, **_: object) -> None:  # noqa: ANN401
            operation: str = model.name
            if operation in access.writes and not self._may_write:
                raise RuntimeError(f"{operation} writes, and only what a user confirmed may write")
            if operation not in (*access.reads, *access.writes):
                raise RuntimeError(f"{operation} is not among the calls declared for {access}")

        client.meta.events.register("before-call", check)
        client.meta.events.register("before-parameter-build", check_parameters)
        client.meta.events.register("needs-retry", self._retrying)
        return client

    def refusals(self, request: Request) -> list[str]:
        """Return why AWS would refuse a request, by the service's model; this makes no call."""
        return refusals(self._model(request.service), request)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Allow clients to write inside the block."""
        self._may_write = True
        try:
            yield
        finally:
            self._may_write = False

    def partition(self) -> str:
        """Return the partition of the region for ARNs: `aws`, `aws-cn` or `aws-us-gov`."""
        return str(self._session.get_partition_for_region(self.region))

    def account(self) -> str:
        """Return the account of the credentials, with one call."""
        return str(self.client(IDENTITY).get_caller_identity()["Account"])

    def tagged(self, resource_type: str, tags: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Return all tags of each resource of a type (`cloudwatch:alarm`) with these tags, by ARN.

        One call for each 100. AWS's tag index is some seconds behind.
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
            mapping["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in mapping["Tags"]}
            for page in pages
            for mapping in page["ResourceTagMappingList"]
        }


def _attempts() -> int:
    """Return the total number of attempts for a call. Raise OpsError for an invalid setting."""
    text = os.environ.get("AWS_MAX_ATTEMPTS") or _ATTEMPTS
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise OpsError(
            f"AWS_MAX_ATTEMPTS must be a whole number from 1 on, not `{text}`",
            f"Set it to one, or unset it: ops uses {_ATTEMPTS} by default.",
        )
    return int(text)


def side_by_side(function: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
    """Return `function` of each item, computed concurrently, in the items' order."""
    todo = list(items)
    if len(todo) <= 1:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        return list(pool.map(function, todo))


def in_batches(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """Yield the items in batches of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def code_of(error: ClientError) -> str:
    """Return the error code in the service's answer, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_gone(error: BaseException) -> bool:
    """Return whether AWS's error means that the resource does not exist."""
    return isinstance(error, ClientError) and code_of(error).endswith(_GONE)


def has_no_stack(error: ClientError) -> bool:
    """Return whether CloudFormation's error, which has no code of its own, means a missing
    stack.
    """
    return code_of(error) == "ValidationError" and "does not exist" in str(error)


def tags_of(list_tags: Callable[..., Mapping[str, Any]], **resource: str) -> dict[str, str]:
    """Return the answer of a service's ListTagsForResource; empty for a deleted resource."""
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
    """Ignore that a resource to delete no longer exists: another sync or a lost call was faster.

    Do not use it for several resources at once, because the remaining ones would be skipped.
    """
    try:
        yield
    except ClientError as error:
        if not is_gone(error):
            raise


def explain(error: BaseException) -> OpsError:
    """Return the error of an AWS call as a sentence, with the next step."""
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
