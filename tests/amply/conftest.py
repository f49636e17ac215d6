"""Fixtures for the backend's tests."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from amply.api.app import create_app
from amply.base.settings import Settings
from amply.embedded.stripe.process import running_in_thread
from amply.migrations.schema import migrate
from amply.services import Services
from tests.amply.support.clients import serving
from tests.amply.support.processes import OURS
from tests.amply.support.services import postgresql_database
from tests.amply.support.stripe.events import SECRET


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the shell's variables, and use an empty working directory."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite's with the schema."""
    file = tmp_path_factory.mktemp("template") / "schema.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """The name of a database of PostgreSQL's with the schema."""
    with postgresql_database() as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return an empty database, once of each type."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.db"
    else:
        with postgresql_database() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return a database with the schema, once of each type."""
    template = request.getfixturevalue(f"{request.param}_template")
    if request.param == "sqlite":
        file = shutil.copy(template, tmp_path / "test.db")
        yield f"sqlite:///{file}"
    else:
        with postgresql_database(template) as url:
            yield url


@pytest.fixture(scope="session")
def stripe_address() -> Iterator[str]:
    """An embedded Stripe."""
    with running_in_thread() as address:
        yield address


@pytest.fixture
def settings(database_url: str, stripe_address: str) -> Settings:
    """Return settings with which the API runs its own tasks."""
    return Settings(
        database_url=database_url,
        stripe_secret_key=SecretStr("sk_test_1"),
        stripe_api_base=stripe_address,
    )


@pytest.fixture
def sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Return the factory of sessions that tasks use."""
    services = Services(settings)
    yield services.sessions
    services.close()


@pytest.fixture
def aws_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that lead nowhere."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def aws_endpoint(monkeypatch: pytest.MonkeyPatch, aws_keys: None) -> Iterator[str]:
    """Start an AWS for this test, and point boto3 to it."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The application, not started."""
    return create_app(settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application in this process, and yield a client."""
    async with serving(app) as client:
        yield client


@pytest.fixture
async def webhook(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of an API that has the signing secret of Stripe's events."""
    secret = {"stripe_webhook_secret": SecretStr(SECRET)}
    async with serving(create_app(settings.model_copy(update=secret))) as client:
        yield client
