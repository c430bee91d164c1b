"""The evidence page of a case: its pairs with what people judged of them, and its log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from seamline.client.results import Versions
from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.model import CaseContent, CaseFacts, CasePair
from seamline.desk.casefile.pair_sheet import pair_sheet, time_words, verdict_words
from seamline.desk.casefile.strict_json import canonical
from seamline.desk.casefile.telling import told
from seamline.report.model import Entry, Event, Fact, Page, Section, Sheet
from seamline.report.origin import index_facts, moment, version_facts
from seamline.report.pairs import kept_sentence
from seamline.report.render import page_html
from seamline.report.words import explained, percent, score_text

NO_PAIR = "No pair of garments is in this case."

Made = list[tuple[tuple[CasePair, ...], Versions]]
"""What made the figures of which pairs."""


def case_page(content: CaseContent, *, now: datetime | None = None) -> str:
    """HTML of the evidence page. Raises BadOption where a pair does not fit the answer that is kept with it."""
    read = [pair_sheet(pair, content) for pair in content.pairs]
    sheets = tuple(sheet for sheet, _ in read)
    made = _made([(pair, versions) for pair, (_, versions) in zip(content.pairs, read, strict=True)])
    reading = [line for _, versions in made for line in explained(_ranking(versions), versions)]
    page = Page(
        title=content.facts.title or f"Case {content.facts.id}",
        summary=(_summary(content.pairs),),
        entries=tuple(map(_entry, range(1, len(sheets) + 1), content.pairs, sheets)),
        overview=(),
        facts=_facts(content.facts),
        origin=_origin(made),
        sections=(Section("The pairs of this case", sheets, NO_PAIR),),
        reading=tuple(dict.fromkeys(reading)),
        made=moment(now or datetime.now(UTC)),
        timeline=tuple(map(_event, content.log)),
        facts_heading="The case",
        hits_heading="Pairs",
        hit_heading="Pair",
    )
    return page_html(page)


def _made(read: Sequence[tuple[CasePair, Versions]]) -> Made:
    """Pairs by what the server said of itself, in the order of the case."""
    found: dict[bytes, tuple[list[CasePair], Versions]] = {}
    for pair, versions in read:
        found.setdefault(canonical(versions.raw), ([], versions))[0].append(pair)
    return [(tuple(pairs), versions) for pairs, versions in found.values()]


def _ranking(versions: Versions) -> str:
    return versions.ranking or versions.rankings[0]


def _summary(pairs: Sequence[CasePair]) -> str:
    judged = [verdict_words(pair) for pair in pairs]
    counts = ", ".join(f"{word}: {judged.count(word)}" for word in sorted(set(judged)))
    return f"Pairs of garments: {len(pairs)}. {counts}." if pairs else NO_PAIR


def _facts(facts: CaseFacts) -> tuple[Fact, ...]:
    digest = hashlib.sha256(facts.notice.encode("utf-8", "backslashreplace")).hexdigest()
    told = (
        ("Reference", facts.reference),
        ("Status", facts.status),
        ("Collection", facts.collection),
        ("Opened", f"{time_words(facts.opened_at)} by {facts.opened_by}"),
        ("People", ", ".join(facts.people)),
    )
    notice = (Fact("SHA-256 of the notice", digest, fixed=True),) * bool(facts.notice)
    own = Fact("Case", facts.id, fixed=True)
    return (own, *(Fact(name, value) for name, value in told if value), *notice)


def _entry(place: int, pair: CasePair, sheet: Sheet) -> Entry:
    return Entry(
        1,
        place,
        f"{pair.query.item or pair.query.file_name} and {pair.hit.item}",
        score_text(pair.score),
        percent(pair.copy_probability),
        kept_sentence(sheet.rows),
        str(pair.number),
        verdict_words(pair),
    )


def _origin(made: Made) -> tuple[Fact, ...]:
    """What made the figures; of which pairs only where they were not all made with the same."""
    found = []
    for pairs, versions in made:
        named = Fact("Pairs", ", ".join(str(pair.number) for pair in pairs))
        found += [
            *(named,) * (len(made) > 1),
            *index_facts(versions, _categories(pairs)),
            *version_facts(versions, _categories(pairs)),
        ]
    return tuple(found)


def _categories(pairs: Sequence[CasePair]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pair.query.category for pair in pairs))


def _event(entry: LogEntry) -> Event:
    return Event(entry.number, time_words(entry.at), entry.who, told(entry), entry.digest, entry.at)
