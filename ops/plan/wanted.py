"""What should be there: each kind's own decision about what its owner declares. No AWS here."""

from importlib import import_module

from ops.base.errors import OpsError
from ops.base.kinds import Kind
from ops.copilot.place import Place
from ops.plan.declarations import Declarations
from ops.plan.model import Resource


def wanted(
    kind: Kind, declarations: Declarations, owner: str, place: Place
) -> tuple[list[Resource], list[str]]:
    """The resources, and what is doubtful about them.

    Raises OpsError that names the file and line of the section which cannot be carried out.
    """
    module = import_module(f"ops.kinds.{kind.name}.desired")
    doubts = getattr(module, "warnings", lambda *_: ())  # a kind need not have any
    settings = declarations.sections[kind.name][owner]
    try:
        return list(module.desired(settings, place)), list(doubts(settings, place))
    except OpsError as error:
        raise declarations.located(kind.name, owner, error) from error
