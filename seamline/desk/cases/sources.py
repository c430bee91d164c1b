"""Where the pairs of a case come from: a hit of a search, or a suspect of the queue with what was said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seamline.core.errors import NotFound
from seamline.desk.casefile.chain import instant
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair
from seamline.desk.people.user import User
from seamline.desk.searching import load_pair
from seamline.desk.store.models import Suspect, Verdict


@dataclass(frozen=True)
class Found:
    """A pair to take into a case. `answer`: the server's about it; `collection`: whose grant decides; `source`: the
    search or suspect by its id; `judged`: verdict, judged_by, judged_at and note, as a log entry states them."""

    pair: Pair
    answer: Mapping[str, Any]
    collection: str
    source: Mapping[str, str]
    judged: Mapping[str, str] = field(default_factory=dict)


def from_search(desk: Desk, user: User, search_id: str, garment: int, hit: int) -> Found:
    """A hit by the places of its garment and itself. Raises NotFound."""
    pair, record = load_pair(desk, user, search_id, garment, hit)
    row = record.answer["garments"][garment]
    about = {name: record.answer[name] for name in ("photo_sha256", "photo_size", "warnings")}
    answer = {**about, "garments": [{**row, "hits": [row["hits"][hit]]}], "versions": record.answer["raw_versions"]}
    return Found(pair, answer, record.collection, {"search": record.id})


def from_suspect(desk: Desk, user: User, suspect_id: str) -> Found:
    """A suspect with its last verdict. Raises NotFound."""
    with desk.store.reading() as session:
        suspect = session.get(Suspect, suspect_id)
        if suspect is None or not user.sees(suspect.originals):
            raise NotFound("there is no such suspect, or its originals were not granted to you")
        judged = _judged(session, suspect_id)
    pair = Pair.from_data(suspect.pair)
    compared = {name: value for name, value in suspect.pair.items() if name != "versions"}
    answer = {"pair": compared, "versions": pair.versions}
    return Found(pair, answer, suspect.originals, {"suspect": suspect.id}, judged)


def _judged(session: Session, suspect_id: str) -> dict[str, str]:
    said = select(Verdict).where(Verdict.suspect_id == suspect_id, Verdict.undone_at.is_(None))
    last = session.scalar(said.order_by(Verdict.at.desc(), Verdict.id.desc()).limit(1))
    if last is None:
        return {}
    told = {"verdict": last.verdict, "judged_by": last.owner, "judged_at": instant(last.at)}
    return {**told, "note": last.note} if last.note else told
