"""Authentication of staff: a request with an API key."""

from typing import Annotated

from fastapi import Depends, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from amply.api.http.resources import Shared
from amply.keys.api_keys import GivenKey
from amply.keys.models import ApiKey, Scope

_bearer = HTTPBearer(auto_error=False, description="Made by `python -m amply keys create NAME`.")


async def _staff(
    resources: Shared,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> ApiKey:
    given = GivenKey.parse(credentials.credentials) if credentials else None
    if given is not None:
        async with resources.sessions() as session:
            kept = await session.scalar(given.lookup())
        if given.is_it(kept):
            return kept
    raise HTTPException(401, "Needs an API key", headers={"WWW-Authenticate": "Bearer"})


Staff = Annotated[ApiKey, Depends(_staff)]
"""The key; the route is not reached without one."""


async def _supporter(key: Staff) -> ApiKey:
    if key.scope not in {Scope.SUPPORT, Scope.REFUND}:
        raise HTTPException(403, "The API key may not send receipts")
    return key


Supporter = Annotated[ApiKey, Depends(_supporter)]
"""The key; the route is not reached without one that may send receipts again."""


async def _refunder(key: Staff) -> ApiKey:
    if key.scope != Scope.REFUND:
        raise HTTPException(403, "The API key may not refund")
    return key


Refunder = Annotated[ApiKey, Depends(_refunder)]
"""The key; the route is not reached without one that may refund."""
