"""The database behind the desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from seamline.core.errors import BadOption, InvalidArgument, SeamlineError, Unavailable
from seamline.desk.store.migrate import to_newest

_BUSY_SECONDS = 15.0
_FULL = "database or disk is full"
_READS = "seamline_reads"


class Store:
    """Sessions over one database. May be shared between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether writers wait for one another."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction that may write: committed at the end, rolled back after an error.

        Raises Unavailable where the database is away, or its disk is full, InvalidArgument for a text or number that it
        cannot hold. What is written stands in no log.
        """
        with self._begun(reads=False) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads, and so waits for nobody. Raises Unavailable as `session` does."""
        with self._begun(reads=True) as session:
            yield session

    @contextmanager
    def _begun(self, *, reads: bool) -> Iterator[Session]:
        try:
            with self._sessions.begin() as session:
                session.connection(execution_options={_READS: reads})
                yield session
        except OperationalError as error:
            raise Unavailable(_sentence(error)) from error
        except (DataError, UnicodeEncodeError, OverflowError) as error:
            raise InvalidArgument("a text has characters, or a number has digits, that cannot be saved") from error

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy URL, brought to today's tables. Raises BadOption for a URL that is none, Unavailable
    where nothing answers there."""
    store = Store(_engine(url))
    try:
        to_newest(store.engine)
    except Exception as error:
        store.close()
        if isinstance(error, DatabaseError):
            raise _refused(error) from error
        raise
    return store


def _refused(error: DatabaseError) -> SeamlineError:
    if isinstance(error, OperationalError):
        return Unavailable(_sentence(error))
    return BadOption("the file or database that was named holds something else than a desk's store")


def _sentence(error: OperationalError) -> str:
    if _FULL in str(error):
        return "the disk of the desk's database is full, so nothing was saved; make room and try again"
    return "the desk's database does not answer, so nothing was saved; try again soon"


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url, parsed.database)
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise BadOption(
            "the database's URL is not one that the desk reads; write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
        ) from error


def _sqlite(url: str, file: str | None) -> Engine:
    if not file:
        raise BadOption("the desk keeps its work in a file; write sqlite:///FILE")
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadOption(f"the folder of the desk's database cannot be made: {error.strerror}") from error
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Readers beside one writer, and every commit on the disk before it is told. Transactions are begun by us: sqlite3
    would begin them late, and then fail instead of waiting."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
