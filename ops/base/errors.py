"""The one error that users see: what happened, where, and what to do next.

    OpsError                    anything that ops can explain; exit code 1
    ├── WorkspaceError          something in the files under copilot/
    └── DeclarationError        something in an ops.yml that does not fit what is deployed

Errors are raised where the sentence can be written best and printed once, in `ops.__main__`.
"""


class OpsError(Exception):
    """An error that the user can act on.

    `what` is a sentence without its full stop; `next_step` is one or more whole sentences.
    """

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}. {self.next_step}" if self.next_step else f"{self.what}."


class DeclarationError(OpsError):
    """A declaration that does not fit what is deployed.

    `location` is its path of keys in the `ops.yml`, for the line number.
    """

    def __init__(self, what: str, next_step: str, location: tuple[str, ...]) -> None:
        super().__init__(what, next_step)
        self.location = location
