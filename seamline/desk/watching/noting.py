"""What came of a garment, kept in one transaction: that it was screened, and the suspects that it led to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_
from sqlalchemy.orm import Session

from seamline.desk.pairs import Pair
from seamline.desk.queue.states import OPEN
from seamline.desk.store import Store
from seamline.desk.store.inserting import insert_into
from seamline.desk.store.models import Screened, Suspect, Watch
from seamline.desk.store.types import new_id, now
from seamline.desk.watching.screening import probability_of

_LONGEST_SELLER = 200


def note_screened(store: Store, watch: Watch, key: str, pairs: Sequence[Pair]) -> int:
    """Returns how many suspects are new.

    Where a pair of items is known, only a higher probability counts, and only while nobody has the card or has judged
    it: what was judged is what was shown.
    """
    with store.session() as session:
        _note(session, watch.id, key, None)
        return sum(_queue(session, watch, pair) for pair in sorted(pairs, key=lambda pair: pair.hit.item))


def note_problem(store: Store, watch: Watch, key: str, problem: str) -> None:
    """A garment that could not be screened, and will be tried again."""
    with store.session() as session:
        _note(session, watch.id, key, problem)


def _note(session: Session, watch: str, key: str, problem: str | None) -> None:
    row = {"watch_id": watch, "key": key, "problem": problem, "at": now()}
    changed = {"problem": problem, "at": row["at"]}
    insert = insert_into(session, Screened).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=["watch_id", "key"], set_=changed))


def _queue(session: Session, watch: Watch, pair: Pair) -> bool:
    """Whether the suspect is new."""
    row = _row(watch, pair)
    insert = insert_into(session, Suspect).values(row)
    given = insert.excluded
    is_better = (
        (Suspect.state == OPEN)
        & (Suspect.watch_id == given.watch_id)
        & (Suspect.probability < given.probability)
        & or_(Suspect.claimed_until.is_(None), Suspect.claimed_until <= now())
    )
    kept = session.scalar(
        insert.on_conflict_do_update(
            index_elements=["originals", "original_item", "listing_item"],
            set_={name: given[name] for name in ("pair", "probability", "seller")},
            where=is_better,
        ).returning(Suspect.id)
    )
    return kept == row["id"]


def _row(watch: Watch, pair: Pair) -> dict[str, object]:
    return {
        "id": new_id(),
        "watch_id": watch.id,
        "originals": watch.originals,
        "original_item": pair.hit.item,
        "listing_item": pair.query.item,
        "seller": pair.query.seller.replace("\0", "\N{REPLACEMENT CHARACTER}")[:_LONGEST_SELLER],
        "probability": probability_of(pair),
        "pair": pair.to_data(),
        "state": OPEN,
        "found_at": now(),
    }
