"""A case as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from seamline.core.errors import BadOption
from seamline.desk.cases.access import OPEN, case_to_show, pairs_of
from seamline.desk.cases.earlier import earlier_verdicts
from seamline.desk.cases.log import entries
from seamline.desk.cases.notice import draft_notice
from seamline.desk.cases.timeline import event, verdict_words
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair, Side
from seamline.desk.people.user import Role, User
from seamline.desk.queue.states import VERDICTS
from seamline.desk.store.models import Case, CasePair, Verdict
from seamline.desk.terms import term
from seamline.desk.words import _, moment


@dataclass(frozen=True)
class ShownSide:
    """One garment. `missing`: gone or changed where its photo is not in the case, "" where it is."""

    name: str
    item: str
    seller: str
    date: str
    missing: str


@dataclass(frozen=True)
class ShownPair:
    """A row of the page. `kept`, `changed`: labels of parts. `judged`: who judged it and when, in words. `earlier`: a
    verdict of the queue that can be taken over, by its id and in words."""

    number: int
    sides: tuple[ShownSide, ShownSide]
    probability: float | None
    kept: tuple[str, ...]
    changed: tuple[str, ...]
    verdict: str | None
    judged: str
    note: str
    earlier: dict[str, Any] | None


@dataclass(frozen=True)
class ShownCase:
    """`events`: the log, the latest first. `head`: number of its last entry. `draft`: the notice as it would be filled
    in, where none is written; `problem`: why it cannot be. `may_change`: whether this person may, and it is open."""

    case: Case
    pairs: tuple[ShownPair, ...]
    events: tuple[dict[str, Any], ...]
    head: int
    draft: str
    problem: str
    may_work: bool
    may_change: bool

    def to_data(self) -> dict[str, Any]:
        """What can be changed, as it is now, for the page's script."""
        case = self.case
        facts = {"title": case.title, "reference": case.reference, "people": case.people, "notice": case.notice}
        pairs = {
            pair.number: {
                "verdict": pair.verdict,
                "judged": pair.judged,
                "note": pair.note,
                "earlier": pair.earlier,
            }
            for pair in self.pairs
        }
        return {"id": case.id, "head": self.head, "facts": facts, "pairs": pairs, "verdicts": VERDICTS}


def shown_case(desk: Desk, user: User, case_id: str) -> ShownCase:
    """Raises NotFound for a case that the user may not see."""
    with desk.store.reading() as session:
        case, rows, events = _read(session, user, case_id)
        earlier = earlier_verdicts(session, user, case, rows)
    may_work = user.role >= Role.ANALYST
    may_change = may_work and case.status == OPEN
    draft, problem = _draft(desk, user, case) if may_change and not case.notice else ("", "")
    offered = {number: _earlier(desk, said) for number, said in earlier.items()}
    pairs = tuple(_pair(row, offered.get(row.number)) for row in rows)
    return ShownCase(case, pairs, events, events[0]["number"], draft, problem, may_work, may_change)


def _read(session: Session, user: User, case_id: str) -> tuple[Case, list[CasePair], tuple[dict[str, Any], ...]]:
    case = case_to_show(session, user, case_id)
    return case, pairs_of(session, case), tuple(event(entry) for entry in reversed(entries(session, case.id)))


def _draft(desk: Desk, user: User, case: Case) -> tuple[str, str]:
    try:
        return draft_notice(desk, user, case.id), ""
    except BadOption as error:
        return "", str(error)


def _pair(row: CasePair, earlier: dict[str, Any] | None) -> ShownPair:
    pair = Pair.from_data(row.pair)
    return ShownPair(
        row.number,
        (_side("query", pair.query, row.query_missing), _side("hit", pair.hit, row.hit_missing)),
        pair.probability,
        tuple(term(part.label) for part in pair.parts if part.kept),
        tuple(map(term, pair.changed)),
        row.verdict,
        _judged(row),
        row.note,
        earlier,
    )


def _earlier(desk: Desk, said: Verdict) -> dict[str, Any]:
    words, who = verdict_words(said.verdict), desk.settings.shown_name(said.owner)
    told = _("In the queue it was judged {verdict} by {who}, {when}.")
    return {"id": said.id, "words": told.format(verdict=words, who=who, when=moment(said.at))}


def _judged(row: CasePair) -> str:
    if row.judged_at is None:
        return _("not judged")
    words, when = verdict_words(row.verdict), moment(row.judged_at)
    return _("judged {verdict} by {who}, {when}").format(verdict=words, who=row.judged_by, when=when)


def _side(name: str, side: Side, missing: str) -> ShownSide:
    return ShownSide(name, side.item, side.seller, side.date, missing)
