"""A server that speaks TLS as PostgreSQL does, until the client accepts its certificate or not."""

import ssl
from asyncio import Queue, StreamReader, StreamWriter, start_server
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_SSL_REQUEST_BYTES = 8


def certificate(directory: Path, name: str) -> Path:
    """Create a self-signed certificate for a host name; the file has its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = directory / f"{made.serial_number}.pem"
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    )
    return path


@asynccontextmanager
async def tls_server(shown: Path) -> AsyncIterator[tuple[int, Queue[bool]]]:
    """Yield the port, and a list of whether each client accepted the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    trusted: Queue[bool] = Queue()

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readexactly(_SSL_REQUEST_BYTES)
        writer.write(b"S")
        try:
            await writer.start_tls(context)
            trusted.put_nowait(await reader.read(1) != b"")  # the startup message
        except OSError:
            trusted.put_nowait(False)
        writer.close()

    async with await start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], trusted
