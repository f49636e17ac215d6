"""A limit of donations from one address."""

import asyncio
import logging
from ipaddress import ip_address

from fastapi import HTTPException, Request

from amply.api.http.resources import Shared
from amply.base.settings import DEVELOPMENT

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 600


async def limit_address(request: Request, resources: Shared) -> None:
    """Raise HTTPException (429) if too many donations come from an address.

    Nobody is limited while Redis does not answer; requests from this machine never are.
    """
    is_deployed = resources.settings.environment != DEVELOPMENT
    address = client_address(request, behind_balancer=is_deployed)
    if address is None or ip_address(address).is_loopback:
        return
    loop = asyncio.get_running_loop()
    is_admitted = await loop.run_in_executor(resources.threads, resources.addresses.admits, address)
    if not is_admitted:
        logger.warning("Address limited")  # without it: it says who the donor is
        headers = {"Retry-After": str(WINDOW_SECONDS)}
        raise HTTPException(429, "Too many donations from this address; try later", headers)


def client_address(request: Request, *, behind_balancer: bool) -> str | None:
    """Return the donor's address, for IPv6 its /64 network; None if it is unknown.

    The load balancer appends the address to X-Forwarded-For; earlier entries come from the
    client.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    """
    address = request.client.host if request.client else ""
    if behind_balancer and (forwarded := request.headers.get("X-Forwarded-For")):
        address = forwarded.rpartition(",")[2].strip()
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if parsed.version == 4:
        return str(parsed)
    network = int(parsed) >> 64 << 64
    return "::1" if parsed.is_loopback else str(ip_address(network.to_bytes(16)))
