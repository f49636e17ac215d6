"""Inline policies without a version, which IAM reads as the earlier policy language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

STATEMENT = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
}
DOCUMENTS = [{"Statement": [STATEMENT]}, {"Version": "2008-10-17", "Statement": [STATEMENT]}]


def put(client: Any, name: str, document: dict[str, Any]) -> None:  # noqa: ANN401  # boto3's
    client.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    client.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_moto_still_refuses_it(
    moto: Callable[[str], Any], name: str, document: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="must be version 2012-10-17"):
        put(moto("iam"), name, document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_role_keeps_it_as_it_was_given(
    embedded: Callable[[str], Any], name: str, document: dict[str, Any]
) -> None:
    client = embedded("iam")
    put(client, name, document)
    assert client.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"] == document


def test_a_user_and_a_group_keep_it(embedded: Callable[[str], Any], name: str) -> None:
    client = embedded("iam")
    [document, _] = DOCUMENTS
    client.create_user(UserName=name)
    client.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    assert client.get_user_policy(UserName=name, PolicyName="p")["PolicyDocument"] == document
    client.create_group(GroupName=name)
    client.put_group_policy(GroupName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    assert client.get_group_policy(GroupName=name, PolicyName="p")["PolicyDocument"] == document


@pytest.mark.parametrize("document", [{}, {"Statement": []}, {"Version": "2020-01-01"}])
def test_other_mistakes_are_still_refused(
    embedded: Callable[[str], Any], name: str, document: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        put(embedded("iam"), name, document)


def test_a_managed_policy_needs_a_version(embedded: Callable[[str], Any], name: str) -> None:
    with pytest.raises(ClientError, match="must be version 2012-10-17"):
        embedded("iam").create_policy(PolicyName=name, PolicyDocument=json.dumps(DOCUMENTS[0]))
