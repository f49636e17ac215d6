"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests.

The first answer given under a key, a decline included, is given again to every later request
under it. An answer that says that nothing was begun (400, 401, 404) is not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

from amply.embedded.stripe.errors import StripeError

Answer = tuple[int, bytes]

_NOTHING_BEGUN = {400, 401, 404}


@dataclass(frozen=True)
class _Kept:
    request: tuple[str, bytes]
    answer: Answer


class IdempotentAnswers:
    """The answers of one stand-in, by key."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def answer(
        self, key: str | None, request: tuple[str, bytes], handle: Callable[[], Answer]
    ) -> tuple[Answer, bool]:
        """Give the answer to a request (its path and body), and whether it is a repetition.

        Raises StripeError when the key was used for another request.
        """
        if key is None:
            return handle(), False
        if kept := self._kept.get(key):
            if kept.request != request:
                message = (
                    "Keys for idempotent requests can only be used with the same parameters they "
                    f"were first used with. Try using a key other than '{key}' if you meant to "
                    "execute a different request."
                )
                raise StripeError(400, "idempotency_error", message)
            return kept.answer, True
        answer = handle()
        if answer[0] not in _NOTHING_BEGUN:
            self._kept[key] = _Kept(request, answer)
        return answer, False
