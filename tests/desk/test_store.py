"""The store: today's tables, transactions, and what is said of a database that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from seamline.core.errors import BadOption, NotFound, Unavailable
from seamline.desk.store import PhotoFiles, Store, open_store
from seamline.desk.store.models import Preset
from seamline.desk.store.types import Base
from tests.support.postgresql import running_postgresql


def test_the_migrations_lead_to_the_tables_of_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_store_that_is_opened_again_has_kept_everything(database: str) -> None:
    first = open_store(database)
    with first.session() as session:
        session.add(Preset(owner="anna", name="cuffs", weights={"left_sleeve": 1.0}))
    first.close()
    second = open_store(database)
    with second.reading() as session:
        assert session.query(Preset).one().weights == {"left_sleeve": 1.0}
    second.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.session() as session:
            session.add(Preset(owner="anna", name="cuffs", weights={}))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as session:
        assert session.query(Preset).count() == 0


def test_a_store_of_a_newer_seamline_is_refused(database: str) -> None:
    opened = open_store(database)
    with opened.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    with pytest.raises(BadOption, match="newer seamline"):
        open_store(database)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff" * 1000)
    with pytest.raises(BadOption, match="something else"):
        open_store(f"sqlite:///{file}")


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "oracle://somewhere/else", "sqlite:////dev/null/x"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadOption):
        open_store(url)


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill() -> None:
        with store.session() as session:
            session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages + 4}")
            session.add(Preset(owner="anna", name="big", weights={"x": "y" * 1_000_000}))

    with pytest.raises(Unavailable, match="full"):
        fill()
    with store.reading() as session:
        assert session.query(Preset).count() == 0
    store.close()


def test_a_database_that_goes_away_is_said_and_is_used_again_when_it_is_back() -> None:
    with running_postgresql() as server:
        store = open_store(server.database())
        server.stop("fast")
        with pytest.raises(Unavailable, match="does not answer"), store.reading() as session:
            session.query(Preset).count()
        server.start_again()
        with store.reading() as session:
            assert session.query(Preset).count() == 0
        store.close()


def test_photos_are_found_by_their_hash_and_damage_is_seen(tmp_path: Path) -> None:
    photos = PhotoFiles(tmp_path)
    digest = photos.add(b"some photo")
    assert photos.add(b"some photo") == digest
    assert photos.read(digest) == b"some photo"
    (tmp_path / digest[:2] / digest).write_bytes(b"another")
    with pytest.raises(NotFound, match="damaged"):
        photos.read(digest)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63 + "/"])
def test_only_hashes_name_photos(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        PhotoFiles(tmp_path).read(name)
