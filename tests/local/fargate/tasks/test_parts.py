"""The small parts: addresses, log lines, references to secrets, container definitions."""

from __future__ import annotations

import socket
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.local.fargate.balancers.targets import matches
from ops.local.fargate.errors import FargateError
from ops.local.fargate.tasks.addresses import Addresses, put_address
from ops.local.fargate.tasks.container import ContainerDefinition, base_environment
from ops.local.fargate.tasks.logs import LONGEST, Lines
from ops.local.fargate.tasks.secrets import SecretReference


@pytest.mark.parametrize(
    ("said", "put"),
    [
        ("0.0.0.0", "127.8.0.9"),
        ("--host=0.0.0.0", "--host=127.8.0.9"),
        ("curl http://localhost:8000/ || exit 1", "curl http://127.8.0.9:8000/ || exit 1"),
        ("http://127.0.0.1/", "http://127.8.0.9/"),
        ("redis.localhost", "redis.localhost"),
        ("localhost.localdomain", "localhost.localdomain"),
        ("10.0.0.0", "10.0.0.0"),
        ("my-localhost", "my-localhost"),
        ("listen on localhost.", "listen on 127.8.0.9."),
    ],
)
def test_the_address_stands_where_a_command_names_its_own_interface(said: str, put: str) -> None:
    assert put_address(said, "127.8.0.9") == put


def test_two_runs_never_share_an_address() -> None:
    one, other = Addresses(), Addresses()
    taken = [one.reserve([8000]), other.reserve([8000]), one.reserve([8000])]
    assert len(set(taken)) == 3
    one.release(taken[0])
    one.release(taken[2])
    other.release(taken[1])


def test_a_program_on_all_addresses_is_an_error_that_says_what_to_do() -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FargateError, match=rf"the ports \[{port}\] free") as error:
            Addresses().reserve([port])
    assert "all addresses (0.0.0.0): stop it" in error.value.next_step
    assert "`uvicorn app:app --host 0.0.0.0`" in error.value.next_step


@given(
    lines=st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1)),
    cuts=st.lists(st.integers(0, 500)),
)
def test_lines_are_whole_however_they_arrive(lines: list[str], cuts: list[int]) -> None:
    stream = "\n".join(lines).encode()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    cutter = Lines()
    seen = [line for start, end in pairwise(places) for line in cutter.feed(stream[start:end])]
    assert seen + cutter.end() == lines


def test_a_line_longer_than_an_event_is_told_in_pieces() -> None:
    cutter = Lines()
    seen = cutter.feed(b"x" * LONGEST) + cutter.feed(b"yz\r\n\n") + cutter.end()
    assert seen == ["x" * LONGEST, "yz"]


def test_a_reference_has_a_json_key_and_a_version() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:amply/db-AbCdEf"
    assert SecretReference.parse(arn) == SecretReference(arn)
    assert SecretReference.parse(f"{arn}:url::") == SecretReference(arn, "url")
    assert SecretReference.parse(f"{arn}:url:AWSPREVIOUS:") == SecretReference(
        arn, "url", "AWSPREVIOUS"
    )
    assert SecretReference.parse(f"{arn}:::v1") == SecretReference(arn, "", "", "v1")


@pytest.mark.parametrize(
    ("codes", "status", "met"),
    [("200", 200, True), ("200", 301, False), ("200,202", 202, True), ("200-299", 250, True)],
)
def test_a_matcher_has_codes_and_ranges(codes: str, status: int, met: bool) -> None:
    assert matches(codes, status) is met


def test_a_definition_of_cloudformation_has_text_for_numbers() -> None:
    definition = ContainerDefinition.of(
        {
            "name": "api",
            "image": "i",
            "entryPoint": ["sh"],
            "command": ["-c", "x"],
            "essential": "false",
            "environment": [{"name": "N", "value": 1}],
            "portMappings": [{"containerPort": "8000"}],
            "stopTimeout": "120",
            "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "x"}},
        }
    )
    assert definition.command == ("sh", "-c", "x")
    assert not definition.essential
    assert definition.environment == {"N": "1"}
    assert definition.ports == (8000,)
    assert definition.stop_timeout == 120
    assert definition.log_options == {}


def test_a_task_does_not_get_the_environment_of_ops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    environment = base_environment("http://127.0.0.1:5000", "eu-central-1")
    assert not environment.keys() & {"AWS_PROFILE", "HTTPS_PROXY", "HOME"}
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
