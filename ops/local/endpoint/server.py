"""moto in this process, on loopback: by HTTP for boto3 and kombu, by HTTPS for the Copilot CLI."""

from __future__ import annotations

import logging
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from ops.local.endpoint import operations, unknown
from ops.local.endpoint.certificates import CertificateAuthority
from ops.local.endpoint.proxy import TlsProxy
from ops.local.gaps import close_all
from ops.local.gaps.cloudformation import stacks as cloudformation
from ops.local.gaps.cloudtrail_event_history import CLOUDFORMATION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCOUNT = "123456789012"
"""The account that moto gives to every key that it was not told otherwise about."""


_KEY = "embedded"
"""Access key and secret key: moto takes any."""


class EmbeddedAws:
    """The AWS APIs on free ports of loopback, from `start` to `stop`.

    `directory` receives only the certificate bundle. A process can have only one, because moto
    keeps its state in module globals.
    """

    def __init__(self, directory: Path, region: str) -> None:
        self.directory = directory
        self.region = region
        self._session = boto3.Session(_KEY, _KEY)
        self._making = threading.Lock()
        self.operations: dict[str, Callable[..., Any]] = {}
        """What this AWS does that no API of AWS does, by name."""

    def start(self) -> None:
        """Start both servers. This takes the two seconds that moto needs to import."""
        # IAM's managed policies are what Copilot's roles attach; moto leaves them out by default.
        os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # nothing here runs on EC2
        close_all()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server(
            "127.0.0.1",
            0,
            operations.in_front_of(
                unknown.in_front_of(DomainDispatcherApplication(create_backend_app)),
                self.operations,
            ),
            threaded=True,
            request_handler=MotoRequestHandler,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="moto", daemon=True)
        self._thread.start()
        cloudformation.connect(partial(self.client, agent=CLOUDFORMATION))
        self._authority = CertificateAuthority(self.directory)
        self._proxy = TlsProxy(self._authority, ("127.0.0.1", self._server.server_port))
        self._proxy.start()

    def stop(self) -> None:
        """Close both ports."""
        self._proxy.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def endpoint(self) -> str:
        """Return the value for `AWS_ENDPOINT_URL`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def client(self, service: str, region: str | None = None, agent: str | None = None) -> Any:
        """Return a boto3 client for this AWS. Threads may share clients, but must not create them
        concurrently.

        `agent` is the caller in the event history, if it is not a person.
        """
        with self._making:
            return cast("Any", self._session).client(
                service,
                region_name=region or self.region,
                endpoint_url=self.endpoint,
                config=Config(
                    retries={"total_max_attempts": 1}, proxies={}, user_agent_extra=agent
                ),
            )

    def environment(self) -> dict[str, str]:
        """Return the variables that direct any AWS client to this AWS and to no other."""
        bundle = str(self._authority.bundle)
        proxy = f"http://127.0.0.1:{self._proxy.port}"
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": bundle,
            "SSL_CERT_FILE": bundle,
            "HTTPS_PROXY": proxy,
            "NO_PROXY": "127.0.0.1,localhost",
        }
