"""What tests of the desk share: both databases, a desk in this process, and a real one over the real server."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seamline.client import RetryPolicy
from seamline.core.errors import NotFound
from seamline.desk.people.user import Role
from seamline.desk.settings import DeskSettings
from seamline.desk.store import Store, open_store
from tests.support.desk import DeskClient, desk_client, enter_person
from tests.support.postgresql import PostgreSQL, running_postgresql

if TYPE_CHECKING:
    from seamline.local import LocalServer

GARMENTS = 48
_PATIENT = RetryPolicy(retries=None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL server."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store with today's tables, over each kind of database in turn."""
    with closing(open_store(database)) as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskClient]:
    """A desk of one local person, in this process, over SQLite and no server of models."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        yield client


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A users file with one person, the lead Lena."""
    file = tmp_path / "users.toml"
    enter_person(file, "lena", Role.LEAD)
    return file


@pytest.fixture
def people_desk(tmp_path: Path, users: Path) -> Iterator[DeskClient]:
    """A desk of the people of `users`, in this process, and a browser in which nobody has signed in."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", users=users)) as client:
        yield client


@pytest.fixture
def signed_in_as(people_desk: DeskClient, users: Path) -> Callable[..., DeskClient]:
    """Enters a person into the users file of `people_desk`, and gives a browser in which they have signed in."""

    def open_browser(name: str, role: Role = Role.ANALYST, collections: Collection[str] | None = None) -> DeskClient:
        enter_person(users, name, role, collections)
        client = DeskClient(people_desk.app)
        client.sign_in(name)
        return client

    return open_browser


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Manifests of drawn originals and listings, a sixth of all photos copies of originals."""
    file = Path(__file__).parents[2] / "clients" / "desk_demo.py"
    specification = importlib.util.spec_from_file_location("desk_demo", file)
    assert specification is not None
    assert specification.loader is not None
    demo = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = demo  # where its dataclasses look for their module
    specification.loader.exec_module(demo)
    manifests = demo.drawn_manifests(tmp_path_factory.mktemp("drawn"), GARMENTS)
    return manifests.originals, manifests.listings


@pytest.fixture(scope="session")
def catalogue(server: LocalServer, drawn: tuple[Path, Path]) -> LocalServer:
    """The real server with the collections `originals` and `listings`."""
    from seamline.catalogue import index_items, open_source
    from seamline.client import Client
    from seamline.index import Index

    with (
        Client(server.endpoints.grpc, timeout=120, retries=_PATIENT) as client,
        closing(Index(server.endpoints.milvus)) as index,
    ):
        for name, manifest in zip(("originals", "listings"), drawn, strict=True):
            index_items(open_source(manifest), client, index, name)
    return server


@pytest.fixture
def served_desk(catalogue: LocalServer, tmp_path: Path) -> Iterator[DeskClient]:
    """A desk in this process over the real server."""
    settings = DeskSettings(
        folder=tmp_path / "desk", server=catalogue.endpoints.grpc, milvus=str(catalogue.endpoints.milvus)
    )
    with desk_client(settings) as client:
        yield client


@pytest.fixture(scope="session")
def photo_of(drawn: tuple[Path, Path]) -> Callable[[str], Path]:
    """The file of an item of either collection, such as `A-0003` or `L-0041`."""

    def find(item: str) -> Path:
        return drawn[0].parent / f"garment-{item.split('-')[1]}.jpg"

    return find


@pytest.fixture
def new_collection(catalogue: LocalServer) -> Iterator[str]:
    """The name of a collection that a test may make, and that is dropped afterwards."""
    name = "made_by_a_test"
    yield name
    from seamline.index import Index

    with closing(Index(catalogue.endpoints.milvus)) as index, suppress(NotFound):
        index.drop(name)
