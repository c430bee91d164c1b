"""The draft of the text that goes with a case: a template, filled in with what the case holds.

`notice.txt.j2` in the desk's folder takes the place of the one here. It may use `case`, `pairs`, `addressee`,
`signed_by` and `today`, and reaches nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from seamline.core.errors import BadOption
from seamline.core.input_files import read_regular
from seamline.desk.cases import texts
from seamline.desk.cases.access import case_to_show, pairs_of
from seamline.desk.context import Desk
from seamline.desk.pairs import ComparedPart, Pair, Side
from seamline.desk.people.user import User
from seamline.desk.queue.states import NOT_COPY
from seamline.desk.store.models import Case, CasePair
from seamline.desk.store.types import now

TEMPLATE = "notice.txt.j2"
_LARGEST = 1 << 18
_BRACKETS = re.compile(r"\[[^\[\]\n]{1,80}\]")


def draft_notice(desk: Desk, user: User, case_id: str) -> str:
    """Filled in with the case as it is now, without pairs that were judged no copies.

    Raises NotFound for a case that the user may not see, BadOption where the desk's own template cannot be used.
    """
    with desk.store.reading() as session:
        case = case_to_show(session, user, case_id)
        rows = [row for row in pairs_of(session, case) if row.verdict != NOT_COPY]
    return texts.notice(_filled(_template(desk), _values(user, case, rows)))


def unfinished(text: str) -> tuple[str, ...]:
    """What a notice still holds of its draft: each place in brackets, and the word DRAFT."""
    found = ("DRAFT", *_BRACKETS.findall(text)) if "DRAFT" in text else _BRACKETS.findall(text)
    return tuple(dict.fromkeys(found))


def _filled(source: str, values: Mapping[str, Any]) -> str:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    try:
        return environment.from_string(source).render(values)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise BadOption(f"the desk's template {TEMPLATE} cannot be filled in: {error}") from error


def _template(desk: Desk) -> str:
    try:
        data, _ = read_regular(desk.settings.folder / TEMPLATE, _LARGEST)
        return data.decode("utf-8")
    except FileNotFoundError:
        return (files("seamline.desk.cases") / TEMPLATE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"the desk's template {TEMPLATE} cannot be read: it is no text file of UTF-8") from error


def _values(user: User, case: Case, rows: list[CasePair]) -> dict[str, Any]:
    pairs = [(row, Pair.from_data(row.pair)) for row in rows]
    return {
        "case": {"title": case.title, "reference": case.reference, "opened_on": _day(case.opened_at)},
        "pairs": [_pair(row, pair) for row, pair in pairs],
        # Who offers what was uploaded is known of listings only; a hit's seller may be the owner of the design.
        "addressee": ", ".join(dict.fromkeys(pair.query.seller for _, pair in pairs if pair.query.seller)),
        "signed_by": ", ".join(case.people) or user.shown,
        "today": _day(now()),
    }


def _pair(row: CasePair, pair: Pair) -> dict[str, Any]:
    return {
        "query": _side(pair.query),
        "hit": _side(pair.hit),
        "kept": _called(pair.parts, True),
        "changed": _called(pair.parts, False),
        "not_comparable": _called(pair.parts, None),
        "verdict": (row.verdict or "").replace("_", " "),
        "judged_by": row.judged_by or "",
        "judged_on": "" if row.judged_at is None else _day(row.judged_at),
        "note": row.note,
    }


def _called(parts: tuple[ComparedPart, ...], kept: bool | None) -> list[str]:
    return [part.label for part in parts if part.kept is kept]


def _side(side: Side) -> dict[str, str]:
    photo = PurePath(side.photo).name
    return {"item": side.item, "seller": side.seller, "date": side.date, "photo": photo, "sha256": side.sha256}


def _day(moment: Any) -> str:
    return moment.strftime("%Y-%m-%d")
