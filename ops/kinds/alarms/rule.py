"""The rule of a composite alarm: `ALARM(backlog-age) AND ALARM(at-max)`. Pure.

A plain name is the short name of an alarm of the same service; a name in double quotes is the full
name of any alarm in the account and region.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ops.control.alarms import composite_alarm_refusals

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<name>\"[^\"]+\"|[^\s()\"]+)\s*\)"
    r"|(?P<operator>AND|OR)\b"
    r"|(?P<negation>NOT)\b"
    r"|(?P<constant>TRUE|FALSE)\b"
    r"|(?P<open>\()"
    r"|(?P<close>\))"
    r")"
)
_EXAMPLE = "such as `ALARM(backlog-age) AND NOT ALARM(deploying)`"


@dataclass(frozen=True)
class Reference:
    """A reference to an alarm, as written in a rule."""

    written: str

    @property
    def is_full(self) -> bool:
        """Return whether the reference was written in quotes."""
        return self.written.startswith('"')

    def name(self, full_names: Mapping[str, str]) -> str:
        """Return the alarm's full name; `full_names` are those of the service's own alarms."""
        return self.written.strip('"') if self.is_full else full_names[self.written]


@dataclass(frozen=True)
class Rule:
    """A valid rule: its tokens in order, with an alarm's state as (state, alarm)."""

    tokens: tuple[str | tuple[str, Reference], ...]

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Parse a rule. Raise ValueError with the mistake."""
        tokens = tuple(_tokens(text))
        _check_grammar(tokens)
        return cls(tokens)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Return the alarms that the rule refers to."""
        return tuple(token[1] for token in self.tokens if isinstance(token, tuple))

    def refusals(self) -> Iterator[str]:
        """Yield why CloudWatch refuses a rule of this size."""
        elements = [token for token in self.tokens if token not in ("AND", "OR", "NOT")]
        yield from composite_alarm_refusals(
            [reference.written for reference in self.references], len(elements)
        )

    def written(self, full_names: Mapping[str, str]) -> str:
        """Format the rule for CloudWatch, with full names."""
        words = (
            token if isinstance(token, str) else f'{token[0]}("{token[1].name(full_names)}")'
            for token in self.tokens
        )
        return " ".join(words).replace("( ", "(").replace(" )", ")")


def _tokens(text: str) -> Iterator[str | tuple[str, Reference]]:
    at, text = 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            unread = text[at : at + 30].strip()  # pragma: no mutate - a choice
            raise ValueError(f"cannot be read from `{unread}` on; {_EXAMPLE}")
        at = match.end()
        state = match["state"]
        yield (state, Reference(match["name"])) if state else match.group().strip()


def _check_grammar(tokens: tuple[str | tuple[str, Reference], ...]) -> None:
    depth, wants_operand = 0, True
    for token in tokens:
        begins = token in ("(", "NOT")
        if (begins or token not in (")", "AND", "OR")) is not wants_operand:
            raise ValueError(f"has `{_shown(token)}` in a wrong place; {_EXAMPLE}")
        depth += {"(": 1, ")": -1}.get(str(token), 0)
        if depth < 0:
            raise ValueError("closes a bracket that was not opened")
        wants_operand = begins or token in ("AND", "OR")
    if depth:
        raise ValueError("leaves a bracket open")
    if wants_operand:
        raise ValueError(f"ends too early; {_EXAMPLE}")


def _shown(token: str | tuple[str, Reference]) -> str:
    return token if isinstance(token, str) else f"{token[0]}({token[1].written})"


def depths(parts: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return 0 for each alarm that refers to no other, else one more than those it refers to.

    `parts` has these references, by alarm; an alarm without an entry counts as 0. Raise ValueError
    with the names of alarms that refer to each other in a circle.
    """
    known: dict[str, int] = {}

    def depth(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            circle = " → ".join(path[path.index(name) :])
            raise ValueError(f"refers to itself: {circle} → {name}")
        if name not in known:
            below = [depth(part, (*path, name)) for part in parts.get(name, ())]
            known[name] = 1 + max(below) if below else 0
        return known[name]

    return {name: depth(name, ()) for name in parts}
