"""What the pipeline asks of a kind's `remote.py`."""

from collections.abc import Collection
from typing import Protocol

from ops.plan import Create, Delete, Live, Update


class Remote(Protocol):
    """A kind's resources in AWS, in the places that it was made with.

    Names are those of `Resource.name`. Methods raise botocore's errors as they come.
    """

    def read(self, names: Collection[str]) -> list[Live]:
        """Those of these resources that exist, whoever made them."""

    def inventory(self) -> Collection[str]:
        """The names of all that `ops` made here, declared or not."""

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Those of some existing resources that `ops` made."""

    def create(self, change: Create) -> None:
        """Make it as `change.result`, with its tags."""

    def update(self, change: Update) -> None:
        """Bring it to `change.result`."""

    def delete(self, change: Delete) -> None:
        """Remove it."""
