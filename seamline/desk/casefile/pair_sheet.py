"""A pair of a case as a sheet of the evidence page."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from seamline.client.parsing import versions_of
from seamline.client.results import GarmentPair, Versions
from seamline.core.box_corners import box_corners
from seamline.core.errors import BadOption
from seamline.desk.casefile.model import CaseContent, CasePair, Side
from seamline.report.files import PhotoFile, photo_of
from seamline.report.model import Fact, Sheet
from seamline.report.pairs import Side as ShownSide
from seamline.report.pairs import sheet

_NO_PLACE = (math.nan,) * 4
_NOWHERE = ((math.nan,) * 2,) * 4


def pair_sheet(pair: CasePair, content: CaseContent) -> tuple[Sheet, Versions]:
    """The sheet, and what made its figures. Raises BadOption where the pair does not fit the answer it came from."""
    try:
        versions = versions_of(dict(pair.answer["versions"]))
        photos = _photo(pair.query, content), _photo(pair.hit, content)
        sides = _shown("Query", pair.query, photos[0]), _shown("Hit", pair.hit, photos[1])
        heading = f"Pair {pair.number}: {pair.query.item or pair.query.file_name} and {pair.hit.item}"
        facts = (*_facts("Query", pair.query, photos[0]), *_facts("Hit", pair.hit, photos[1]))
        made = sheet(heading, sides, _compared(pair), versions, facts)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadOption(f"pair {pair.number} does not fit the answer that is kept with it: {error}") from error
    remarks = (f"Note: {pair.note}",) * bool(pair.note)
    judged = dataclasses.replace(made, figures=(*made.figures, *_judged(pair)), remarks=(*made.remarks, *remarks))
    return judged, versions


def verdict_words(pair: CasePair) -> str:
    """The verdict for people."""
    return "not judged" if pair.verdict is None else pair.verdict.replace("_", " ")


def time_words(at: str) -> str:
    """A time of the log for people, to the second."""
    return f"{at[:19].replace('T', ' ')} UTC"


def _judged(pair: CasePair) -> tuple[Fact, ...]:
    verdict = Fact("Verdict", verdict_words(pair))
    if pair.judged_by is None or pair.judged_at is None:
        return (verdict,)
    return verdict, Fact("Judged by", pair.judged_by), Fact("Judged at", time_words(pair.judged_at))


def _photo(side: Side, content: CaseContent) -> PhotoFile:
    if side.photo_missing:
        return PhotoFile(side.file_name, None, side.photo_missing)
    if side.photo_sha256 not in content.photos:
        return PhotoFile(side.file_name, None, "its photo is not in the case")
    return photo_of(side.file_name, content.photos[side.photo_sha256]())


def _shown(heading: str, side: Side, photo: PhotoFile) -> ShownSide:
    boxes = np.array([_NO_PLACE if box is None else box for box in side.part_boxes], np.float32).reshape(-1, 4)
    told = [_NOWHERE if corners is None else corners for corners in side.part_corners]
    corners = np.array(told, np.float32) if told else box_corners(boxes)
    return ShownSide(heading, photo, side.photo_size, side.category, side.box, corners)


def _compared(pair: CasePair) -> GarmentPair:
    similarity = np.array([math.nan if value is None else value for value in pair.part_similarity], np.float32)
    return GarmentPair(0, 0, pair.mirrored, similarity, pair.kept, pair.score, pair.copy_probability)


def _address(origin: str) -> str:
    """Of a page or photo that others can reach; where a file lay on a machine is nobody's business."""
    return origin if origin.startswith(("https://", "http://")) else ""


def _facts(name: str, side: Side, photo: PhotoFile) -> tuple[Fact, ...]:
    width, height = side.photo_size
    size = f"{photo.bytes:,} bytes, {width} x {height} pixels, upright" if photo.bytes else photo.missing
    seller = f", offered by {side.seller}" if side.seller else ""
    told = (
        (f"{name}: item", f"{side.item or 'not known'}{seller}"),
        ("Received from", _address(side.origin)),
        ("Stated of it", "; ".join(f"{key}: {value}" for key, value in side.metadata.items())),
        ("Photo", f"{side.file_name}, {size}"),
    )
    return (*(Fact(label, value) for label, value in told if value), Fact("SHA-256", side.photo_sha256, fixed=True))
