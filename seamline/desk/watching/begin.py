"""A watch as the store knows it."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import delete, select

from seamline.core.errors import BadOption
from seamline.desk.model_server import ModelServer
from seamline.desk.store import Store
from seamline.desk.store.inserting import insert_into
from seamline.desk.store.models import Screened, Watch
from seamline.desk.store.types import new_id, now
from seamline.desk.watching.options import OpenIndex

AT_LEAST = 0.5
"""Copy probability from which a garment is a suspect, where nobody says otherwise."""


def begin_watch(
    store: Store, listings: str, originals: str, at_least: float | None = None, *, again: bool = False
) -> Watch:
    """The watch over these collections, made where there is none. `at_least`: None for what it was.

    `again`, or a lower bound than before, lets all garments be compared again, as after originals were added. Raises
    BadOption for what is no probability.
    """
    if at_least is not None and not 0 <= at_least <= 1:
        raise BadOption("a copy probability lies between 0 and 1")
    first = {"id": new_id(), "listings": listings, "originals": originals, "at_least": AT_LEAST, "made_at": now()}
    if at_least is not None:
        first["at_least"] = at_least
    both = select(Watch).where(Watch.listings == listings, Watch.originals == originals).with_for_update()
    with store.session() as session:
        session.execute(insert_into(session, Watch).values(first).on_conflict_do_nothing())
        watch = session.scalars(both).one()
        bound = watch.at_least if at_least is None else at_least
        if again or bound < watch.at_least:
            session.execute(delete(Screened).where(Screened.watch_id == watch.id))
        watch.at_least = bound
    return watch


def check_parts(server: ModelServer, open_index: OpenIndex, listings: str, originals: str) -> None:
    """Raises NotFound where a collection is missing, Unavailable where the server or the index does not answer."""
    with closing(open_index()) as index:
        for name in (listings, originals):
            index.open(name)
    server.ask(lambda client: client.versions())
