"""Exports: unique in their region, and fixed while another stack imports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.local.cloudformation.exports import assume
from tests.local.stacks import Stacks, outputs, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template


def exporting(name: str, value: str | None, export: str | None = None) -> Template:
    queues = {"Queue": queue(f"{name}-exporting")}
    if value is None:
        return template(queues)
    output = {"Value": value, "Export": {"Name": export or name}}
    return template(queues, Outputs={"Value": output})


def importing(name: str) -> Template:
    got = {"Value": {"Fn::ImportValue": {"Fn::Sub": name}}}
    return template({"Queue": queue(f"{name}-importing")}, Outputs={"Got": got})


@pytest.fixture
def exporter(stacks: Stacks, name: str) -> str:
    stacks.create(name, exporting(name, "one"))
    return name


@pytest.fixture
def importer(stacks: Stacks, exporter: str) -> str:
    user = f"{exporter}-user"
    assert outputs(stacks.create(user, importing(exporter))) == {"Got": "one"}
    return user


def test_what_nobody_exports_cannot_be_imported(stacks: Stacks, name: str) -> None:
    stack = stacks.create(name, importing(name))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["StackStatusReason"] == f"No export named {name} found"


def test_an_assumed_security_group_is_one(
    stacks: Stacks, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.local.cloudformation.exports._assumed", set())
    export = f"{name}-EnvironmentSecurityGroup"
    assert assume({export})
    group = {"Fn::ImportValue": export}
    rule = {"GroupId": group, "IpProtocol": "tcp", "SourceSecurityGroupId": group}
    resources = {"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule}}
    stack = stacks.create(name, template(resources))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["StackStatusReason"]


def test_an_export_in_use_cannot_change(stacks: Stacks, exporter: str, importer: str) -> None:
    stack = stacks.update(exporter, exporting(exporter, "two"))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack["StackStatusReason"] == (
        f"Export {exporter} cannot be updated as it is in use by {importer}"
    )
    assert outputs(stack) == {"Value": "one"}


def test_an_export_in_use_cannot_go(stacks: Stacks, exporter: str, importer: str) -> None:
    stack = stacks.update(exporter, exporting(exporter, None))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot be deleted as it is in use" in stack["StackStatusReason"]


def test_a_stack_whose_export_is_in_use_cannot_be_deleted(
    stacks: Stacks, exporter: str, importer: str
) -> None:
    failed = stacks.delete(exporter)
    assert failed["StackStatus"] == "DELETE_FAILED"
    assert failed["StackStatusReason"] == (
        f"Export {exporter} cannot be deleted as it is in use by {importer}"
    )
    assert stacks.has_queue(f"{exporter}-exporting")
    stacks.delete(importer)
    assert stacks.delete(exporter)["StackStatus"] == "DELETE_COMPLETE"
    assert exporter not in {each["Name"] for each in stacks.api.list_exports()["Exports"]}


def test_an_export_that_nobody_uses_may_change(stacks: Stacks, exporter: str) -> None:
    assert outputs(stacks.update(exporter, exporting(exporter, "two"))) == {"Value": "two"}


def test_a_name_is_exported_once(stacks: Stacks, exporter: str) -> None:
    other = f"{exporter}-other"
    stack = stacks.create(other, exporting(other, "two", export=exporter))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["StackStatusReason"] == (
        f"Export with name {exporter} is already exported by stack {exporter}"
    )
