"""State machines: the values that a template puts into their definition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.local.stacks import outputs, template

if TYPE_CHECKING:
    from tests.local.stacks import Stacks

ROLE = "arn:aws:iam::123456789012:role/machine"


@pytest.mark.parametrize("is_text", [True, False])
def test_a_definition_gets_its_substitutions(stacks: Stacks, name: str, *, is_text: bool) -> None:
    def declared(cluster: str) -> dict[str, object]:
        definition = {"StartAt": "${Cluster}", "States": {}}
        properties = {
            "StateMachineName": name,
            "RoleArn": ROLE,
            "DefinitionSubstitutions": {"Cluster": cluster},
            ("DefinitionString" if is_text else "Definition"): (
                json.dumps(definition) if is_text else definition
            ),
        }
        machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        got = {
            "Arn": {"Value": {"Ref": "Machine"}},
            "Same": {"Value": {"Fn::GetAtt": ["Machine", "Arn"]}},
        }
        return template({"Machine": machine}, Outputs=got)

    made = outputs(stacks.create(name, declared("one")))
    arn = made["Arn"]
    assert made["Same"] == arn
    states = stacks.client("stepfunctions")
    shown = states.describe_state_machine(stateMachineArn=arn)["definition"]
    assert json.loads(shown)["StartAt"] == "one"
    stacks.update(name, declared("two"))
    shown = states.describe_state_machine(stateMachineArn=arn)["definition"]
    assert json.loads(shown)["StartAt"] == "two"
