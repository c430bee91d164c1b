"""Where the pairs of a case come from: a hit of a search, or a suspect of the queue with what was said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seamline.desk.casefile.chain import instant
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair
from seamline.desk.people.user import User
from seamline.desk.queue.access import load_suspect
from seamline.desk.queue.states import standing_verdict
from seamline.desk.searching import load_pair
from seamline.desk.store.models import Verdict


@dataclass(frozen=True)
class SourcePair:
    """A pair to take into a case. `answer`: the server's about it; `collection`: whose grant decides; `source`: the
    search or suspect by its id; `judged`: verdict, judged_by, judged_at and note, as a log entry states them."""

    pair: Pair
    answer: Mapping[str, Any]
    collection: str
    source: Mapping[str, str]
    judged: Mapping[str, str] = field(default_factory=dict)


def from_search(desk: Desk, user: User, search_id: str, garment: int, hit: int) -> SourcePair:
    """A hit by the places of its garment and itself. Raises NotFound."""
    pair, record = load_pair(desk, user, search_id, garment, hit)
    row = record.answer["garments"][garment]
    about = {name: record.answer[name] for name in ("photo_sha256", "photo_size", "warnings")}
    answer = {**about, "garments": [{**row, "hits": [row["hits"][hit]]}], "versions": record.answer["raw_versions"]}
    return SourcePair(pair, answer, record.collection, {"search": record.id})


def from_suspect(desk: Desk, user: User, suspect_id: str) -> SourcePair:
    """A suspect with its last verdict. Raises NotFound."""
    suspect = load_suspect(desk.store, user, suspect_id)
    with desk.store.reading() as session:
        verdict = standing_verdict(session, suspect_id)
    compared = {name: value for name, value in suspect.pair.items() if name != "versions"}
    answer = {"pair": compared, "versions": suspect.pair["versions"]}
    judged = {} if verdict is None else judgement(desk, verdict)
    return SourcePair(Pair.from_data(suspect.pair), answer, suspect.originals, {"suspect": suspect.id}, judged)


def judgement(desk: Desk, said: Verdict) -> dict[str, str]:
    """What was said in the queue, as a log entry states it."""
    who = desk.settings.shown_name(said.owner)
    told = {"verdict": said.verdict, "judged_by": who, "judged_at": instant(said.at)}
    return {**told, "note": said.note} if said.note else told
