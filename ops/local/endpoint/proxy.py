"""The HTTPS proxy between the unmodified Copilot CLI and the embedded AWS.

Copilot's AWS SDK has no setting for another endpoint, but honours `HTTPS_PROXY` and
`AWS_CA_BUNDLE`. moto has such a proxy too; it answers each request with its own parser, closes
connections without notice (Go's client then sometimes reports a reset), and calls openssl to write
certificates into its installation. This proxy only terminates TLS and passes the bytes to moto's
HTTP server, so that all clients see the same service.

A host that is not AWS's is connected to as without a proxy: the npm of a CDK override needs its
registry.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ops.local.endpoint.certificates import CertificateAuthority

_BUFFER = 64 * 1024


class TlsProxy:
    """Listens on loopback for `CONNECT host:port`; relays the decrypted requests to AWS to
    `upstream`, and other connections as they are.
    """

    def __init__(self, authority: CertificateAuthority, upstream: tuple[str, int]) -> None:
        self._authority = authority
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self.port = 0

    def start(self) -> None:
        """Listen on a free port of loopback, which becomes `port`."""
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._run(self._close(self._server))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        to_server: asyncio.StreamWriter | None = None
        try:
            request = await client.readuntil(b"\r\n\r\n")
            method, target = request.split(b" ", 2)[:2]
            host, _, port = target.decode("ascii").rpartition(":")
            if method != b"CONNECT":
                to_client.write(b"HTTP/1.1 405 Only CONNECT is answered here\r\n\r\n")
                return
            is_aws = _is_aws(host)
            address = self._upstream if is_aws else (host, int(port))
            try:
                server, to_server = await asyncio.open_connection(*address)
            except (OSError, OverflowError):  # the latter for a port that cannot be
                to_client.write(b"HTTP/1.1 502 The host does not answer\r\n\r\n")
                return
            to_client.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
            await to_client.drain()
            if is_aws:
                await to_client.start_tls(self._authority.context_for(host))
            await asyncio.gather(_pump(client, to_server), _pump(server, to_client))
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client is gone, or does not speak HTTP
        finally:
            for writer in (to_client, to_server):
                if writer is not None:
                    writer.close()


def _is_aws(host: str) -> bool:
    return host.endswith((".amazonaws.com", ".api.aws", ".on.aws"))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_BUFFER):
            writer.write(data)
            await writer.drain()
    writer.close()
