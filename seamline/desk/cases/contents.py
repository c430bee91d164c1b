"""All of a case, as a case file and the evidence page take it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import PurePath

from sqlalchemy.orm import Session

from seamline.desk.casefile import model
from seamline.desk.casefile.chain import instant
from seamline.desk.casefile.model import CaseContent, CaseFacts, Scalar
from seamline.desk.cases.access import case_to_show, pairs_of
from seamline.desk.cases.copies import WHY
from seamline.desk.cases.log import entries
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair, Side
from seamline.desk.people.user import User
from seamline.desk.store.models import Case, CasePair


def case_content(desk: Desk, user: User, case_id: str) -> CaseContent:
    """As the case is now. Raises NotFound for none that the user may see."""
    with desk.store.reading() as session:
        return content_in(session, desk, case_to_show(session, user, case_id))


def content_in(session: Session, desk: Desk, case: Case) -> CaseContent:
    """Of a case that is locked, so that its pairs and its log are of one moment."""
    rows = pairs_of(session, case)
    kept = [sha256 for row in rows for sha256 in (row.query_sha256, row.hit_sha256) if sha256 is not None]
    photos = {sha256: partial(desk.photos.read, sha256) for sha256 in kept}
    return CaseContent(facts_of(case), tuple(map(_pair, rows)), entries(session, case.id), photos)


def facts_of(case: Case) -> CaseFacts:
    """The case as a whole."""
    return CaseFacts(
        case.id,
        case.title,
        case.reference,
        case.status,
        case.collection,
        instant(case.opened_at),
        case.opened_by,
        tuple(case.people),
        case.notice,
    )


def _pair(row: CasePair) -> model.CasePair:
    pair = Pair.from_data(row.pair)
    return model.CasePair(
        number=row.number,
        query=_side(pair.query, row.query_missing),
        hit=_side(pair.hit, row.hit_missing),
        part_similarity=tuple(part.similarity for part in pair.parts),
        kept=tuple(part.kept for part in pair.parts),
        score=pair.score,
        copy_probability=pair.probability,
        mirrored=pair.mirrored,
        verdict=row.verdict,
        judged_by=row.judged_by,
        judged_at=None if row.judged_at is None else instant(row.judged_at),
        note=row.note,
        answer=row.answer,
    )


def _side(side: Side, missing: str) -> model.Side:
    return model.Side(
        item=side.item,
        seller=side.seller,
        photo_sha256=side.sha256,
        photo_missing=WHY[missing] if missing else "",
        file_name=PurePath(side.photo).name,
        origin=side.photo,
        category=side.category,
        box=side.box,
        part_boxes=side.part_boxes,
        part_corners=side.part_corners,
        photo_size=side.size,
        metadata={key: _scalar(value) for key, value in side.metadata.items()},
    )


def _scalar(value: object) -> Scalar:
    """Manifests in JSON may hold more than a case file states of an item."""
    return value if isinstance(value, str | int | float | None) else json.dumps(value, ensure_ascii=False)
