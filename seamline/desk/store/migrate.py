"""Today's tables from whatever version of them a store has."""

from __future__ import annotations

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from seamline.core.errors import BadOption

_LOCK = 5_341_202_611
"""PostgreSQL's advisory lock of this work: a desk and a watch may start at once."""


def to_newest(engine: Engine) -> None:
    """Bring the tables up to date in one transaction. Raises BadOption for a store of a newer seamline."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    with as_file(files("seamline.desk.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise BadOption("the desk's database was made by a newer seamline; use that version") from error
