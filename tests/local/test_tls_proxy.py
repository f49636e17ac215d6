"""The entry of the Copilot CLI: TLS for AWS's own host names."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from cryptography import x509

from ops.local.endpoint.certificates import CertificateAuthority
from tests.local.stacks import ACCOUNT, REGION
from tests.waiting import WAIT

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws


@pytest.fixture
def sdk(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """Return an SDK client that uses the proxy and trusts its authority, without an endpoint."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    return boto3.Session()


def proxy_of(aws: EmbeddedAws) -> tuple[str, int]:
    url = urlsplit(aws.environment()["HTTPS_PROXY"])
    assert url.hostname is not None
    assert url.port is not None
    return url.hostname, url.port


def answer_to(aws: EmbeddedAws, request: bytes) -> bytes:
    with socket.create_connection(proxy_of(aws), timeout=WAIT) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


def test_an_sdk_reaches_every_service_by_its_own_host_name(sdk: boto3.Session) -> None:
    assert sdk.client("sts").get_caller_identity()["Account"] == ACCOUNT
    queue = sdk.client("sqs").create_queue(QueueName="by-tls")["QueueUrl"]
    assert queue.endswith("/by-tls")


def test_both_ways_in_lead_to_the_same_aws(aws: EmbeddedAws, sdk: boto3.Session, name: str) -> None:
    aws.client("ecs").create_cluster(clusterName=name)
    clusters = sdk.client("ecs").describe_clusters(clusters=[name])["clusters"]
    assert [cluster["clusterName"] for cluster in clusters] == [name]


def test_a_large_object_passes_whole(sdk: boto3.Session, name: str) -> None:
    s3 = sdk.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    body = bytes(range(256)) * 4096 * 3
    s3.put_object(Bucket=name, Key="template", Body=body)
    assert s3.get_object(Bucket=name, Key="template")["Body"].read() == body


def test_a_host_that_is_not_of_aws_is_connected_to_as_it_is(aws: EmbeddedAws) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        connection = http.client.HTTPConnection(*proxy_of(aws), timeout=WAIT)
        connection.set_tunnel(*server.getsockname())
        connection.connect()
        peer, _ = server.accept()
        with peer:
            connection.sock.sendall(b"to it")
            assert peer.recv(5) == b"to it"
            peer.sendall(b"and back")
            assert connection.sock.recv(8) == b"and back"
        connection.close()


@pytest.mark.parametrize("host", ["amazonaws.com.invalid", "evilamazonaws.com.invalid"])
def test_only_aws_is_answered_in_its_place(aws: EmbeddedAws, host: str) -> None:
    connection = http.client.HTTPConnection(*proxy_of(aws), timeout=WAIT)
    connection.set_tunnel(host, 443)
    with pytest.raises(OSError, match="502 The host does not answer"):
        connection.connect()


def test_requests_that_are_no_tunnel_are_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="405"):
        httpx.get(
            "http://sts.amazonaws.com", proxy=aws.environment()["HTTPS_PROXY"]
        ).raise_for_status()


@pytest.mark.parametrize(
    "request_", [b"\r\n\r\n", b"\x16\x03\x01\r\n\r\n", b"CONNECT \xff\xff HTTP\r\n\r\n", b"GE"]
)
def test_what_is_no_http_is_hung_up_on_and_the_rest_served(
    aws: EmbeddedAws, sdk: boto3.Session, request_: bytes
) -> None:
    assert answer_to(aws, request_) == b""
    assert sdk.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_a_client_without_the_bundle_trusts_nothing_here(aws: EmbeddedAws) -> None:
    host, port = proxy_of(aws)
    connection = http.client.HTTPSConnection(
        host, port, timeout=WAIT, context=ssl.create_default_context()
    )
    connection.set_tunnel("sts.amazonaws.com", 443)
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.connect()


def test_the_directory_holds_the_bundle_and_no_key(aws: EmbeddedAws, sdk: boto3.Session) -> None:
    sdk.client("sts").get_caller_identity()
    (bundle,) = aws.directory.iterdir()
    assert bundle.name == "ca.pem"
    assert "PRIVATE" not in bundle.read_text()
    assert aws.environment()["AWS_CA_BUNDLE"] == aws.environment()["SSL_CERT_FILE"] == str(bundle)


def test_each_authority_has_a_key_of_its_own(tmp_path: Path) -> None:
    one, two = (
        x509.load_pem_x509_certificate(CertificateAuthority(tmp_path).bundle.read_bytes())
        for _ in range(2)
    )
    assert one.public_key() != two.public_key()


def test_a_host_name_longer_than_a_common_name_is_certified(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path)
    host = f"{'a' * 60}.s3.eu-central-1.amazonaws.com"
    assert authority.context_for(host) is authority.context_for(host)
    assert [path.name for path in tmp_path.iterdir()] == ["ca.pem"]


def test_the_embedded_aws_listens_on_loopback_alone(aws: EmbeddedAws) -> None:
    for url in (aws.endpoint, aws.environment()["HTTPS_PROXY"]):
        assert urlsplit(url).hostname == "127.0.0.1"
