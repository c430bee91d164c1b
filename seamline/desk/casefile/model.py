"""What a case holds when it is handed on.

Times are texts as `chain.instant` writes them, people are named as they are shown. Boxes are x0, y0, x1, y1 in pixels
of the upright photo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.plain import from_plain, to_plain

FORMAT = 1
"""Of case.json and manifest.json; a reader refuses another one."""

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class CaseFacts:
    """The case as a whole. `people`: who may see and judge it. `notice`: the text that goes to whoever is to read it,
    empty where none was written."""

    id: str
    title: str
    reference: str
    status: str
    collection: str
    opened_at: str
    opened_by: str
    people: tuple[str, ...]
    notice: str


@dataclass(frozen=True)
class Side:
    """One garment of a pair.

    `item`, `seller`: empty where none is known. `photo_sha256`: of the photo that was compared. `photo_missing`: why
    its bytes are not in the case, empty where they are. `file_name`, `origin`: as received. `part_boxes` (P): None
    where a part has no place. `photo_size`: width and height, upright. `metadata`: as indexed. `part_corners` (P):
    where the parts lie, and their boxes are around that where the garment is turned in the photo; none in older files.
    """

    item: str
    seller: str
    photo_sha256: str
    photo_missing: str
    file_name: str
    origin: str
    category: str
    box: Box
    part_boxes: tuple[Box | None, ...]
    photo_size: tuple[int, int]
    metadata: Mapping[str, Scalar]
    part_corners: tuple[Corners | None, ...] = ()


@dataclass(frozen=True)
class CasePair:
    """Two garments that were compared, and what a person judged.

    `number`: from 1, its own within the case. `part_similarity`, `kept` (P): None where not comparable. `verdict`,
    `judged_by`, `judged_at`: None while nobody has judged. `answer`: the server's, its VERSIONS under `versions`.
    """

    number: int
    query: Side
    hit: Side
    part_similarity: tuple[float | None, ...]
    kept: tuple[bool | None, ...]
    score: float | None
    copy_probability: float | None
    mirrored: bool
    verdict: str | None
    judged_by: str | None
    judged_at: str | None
    note: str
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class CaseContent:
    """All of a case. `photos`: SHA-256 -> what gives the bytes as they were received."""

    facts: CaseFacts
    pairs: tuple[CasePair, ...]
    log: tuple[LogEntry, ...]
    photos: Mapping[str, Callable[[], bytes]]


def photos_of(pairs: Sequence[CasePair]) -> dict[str, int]:
    """SHA-256 of each photo that the pairs have -> number of the first pair that has it."""
    found: dict[str, int] = {}
    for pair in pairs:
        for side in (pair.query, pair.hit):
            if not side.photo_missing:
                found.setdefault(side.photo_sha256, pair.number)
    return found


def case_to_json(facts: CaseFacts, pairs: Sequence[CasePair]) -> dict[str, Any]:
    """Of case.json; answers are files of their own."""
    rows = [to_plain(pair) for pair in pairs]
    for row in rows:
        del row["answer"]
    return {"format": FORMAT, "case": to_plain(facts), "pairs": rows}


def case_from_json(data: Any, answers: Mapping[int, Any]) -> tuple[CaseFacts, tuple[CasePair, ...]]:
    """The facts and the pairs, each with its answer. Raises ValueError with the place that is not as it was written."""
    if not isinstance(data, dict) or set(data) != {"format", "case", "pairs"} or data["format"] != FORMAT:
        raise ValueError(f"it is not of format {FORMAT}")
    if not isinstance(data["pairs"], list):
        raise ValueError("pairs is not a list")
    pairs = tuple(_pair(row, f"pairs[{place}]", answers) for place, row in enumerate(data["pairs"]))
    if [pair.number for pair in pairs] != sorted({pair.number for pair in pairs if pair.number > 0}):
        raise ValueError("its pairs are not numbered upwards from 1 or more")
    return from_plain(CaseFacts, data["case"], "case"), pairs


def _pair(row: Any, where: str, answers: Mapping[int, Any]) -> CasePair:
    if not isinstance(row, dict) or "answer" in row:
        raise ValueError(f"{where} is not a pair")
    number = row.get("number")
    return from_plain(CasePair, row | {"answer": answers.get(number) if type(number) is int else None}, where)
