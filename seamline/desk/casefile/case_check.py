"""Whether the case, its answers, photos and notice, and its log belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seamline.desk.casefile import layout
from seamline.desk.casefile.agreement import disagreements
from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.manifest import Listed
from seamline.desk.casefile.model import CaseFacts, CasePair, case_from_json, photos_of
from seamline.desk.casefile.reading import CaseZip
from seamline.desk.casefile.strict_json import parsed

Measured = Mapping[str, Listed | None]

_ANSWER = re.compile(r"answers/([0-9]+)\.json")


def read_case(
    archive: CaseZip, measured: Measured, log: Sequence[LogEntry]
) -> tuple[CaseFacts | None, tuple[str, ...]]:
    """The facts of case.json, None where it cannot be read, and a sentence for whatever does not fit it."""
    answers, said = _answers(archive)
    said += _other_photos(measured)
    data = archive.read(layout.CASE)
    if data is None:
        return None, (*said, f"{layout.CASE} was removed or cannot be read")
    try:
        facts, pairs = case_from_json(parsed(data), answers)
    except ValueError as error:
        return None, (*said, f"{layout.CASE} or an answer was altered: {error}")
    said += _without_photos(pairs, measured)
    if archive.read(layout.NOTICE) != facts.notice.encode("utf-8", "backslashreplace"):
        said.append(f"{layout.NOTICE} does not hold the notice of {layout.CASE}")
    if {layout.answer_name(pair.number) for pair in pairs} != {layout.answer_name(number) for number in answers}:
        said.append(f"answers/ does not hold one answer for each pair of {layout.CASE}")
    return facts, (*said, *disagreements(facts, pairs, log))


def _answers(archive: CaseZip) -> tuple[dict[int, Any], list[str]]:
    """Which pairs have an answer. What it says is not kept: all answers together may be large."""
    answers, said = {}, []
    for name in archive.names:
        number = _ANSWER.fullmatch(name)
        if number is None:
            continue
        if name != layout.answer_name(int(number[1])):
            said.append(f"{name} was added: that is not how the answer about a pair is called")
            continue
        try:
            answers[int(number[1])] = _empty(parsed(archive.read(name) or b""))
        except ValueError as error:
            said.append(f"{name} was altered: {error}")
    return answers, said


def _empty(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ValueError("it is not an answer")
    return {}


def _other_photos(measured: Measured) -> Iterator[str]:
    for name, file in measured.items():
        if name.startswith("photos/") and file is not None and not name.startswith(f"photos/{file.sha256}."):
            yield f"{name} was altered: its bytes have another SHA-256 than its name"


def _without_photos(pairs: Sequence[CasePair], measured: Measured) -> Iterator[str]:
    there = {name.removeprefix("photos/").partition(".")[0] for name in measured if name.startswith("photos/")}
    for sha256, number in photos_of(pairs).items():
        if sha256 not in there:
            yield f"the photo {sha256[:64]} of pair {number} is not there"
