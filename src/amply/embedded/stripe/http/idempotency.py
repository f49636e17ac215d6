"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests.

The first answer given under a key, an error included, is given again to every later request under
it. An answer that nothing was begun for, as the request was not valid, is not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

from amply.embedded.stripe.errors import StripeError

Answer = tuple[int, bytes]


@dataclass(frozen=True)
class _Kept:
    request: tuple[str, bytes]
    answer: Answer


class IdempotentAnswers:
    """The answers of one stand-in, by key."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def answer(
        self, key: str | None, request: tuple[str, bytes], handle: Callable[[], tuple[Answer, bool]]
    ) -> tuple[Answer, bool]:
        """Return the answer to a request (its path and body), and whether it is a repetition.

        `handle` returns an answer, and whether the request was begun. Raise StripeError if the
        key belongs to another request.
        """
        if key is None:
            return handle()[0], False
        if kept := self._kept.get(key):
            if kept.request != request:
                message = (
                    "Keys for idempotent requests can only be used with the same parameters they "
                    f"were first used with. Try using a key other than '{key}' if you meant to "
                    "execute a different request."
                )
                raise StripeError(400, "idempotency_error", message)
            return kept.answer, True
        answer, begun = handle()
        if begun:
            self._kept[key] = _Kept(request, answer)
        return answer, False
