"""A part's Parquet file: the rows of a collection, and in the footer the part's journal."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet

from seamline.index import Garment
from seamline.index.parquet import read_rows, write_rows
from seamline.spark.journal import FOOTER_KEY, Pair, State, commit_id, from_text, to_text
from seamline.spark.output import Output, garments_name
from seamline.spark.photo_work import Photo
from seamline.spark.plan import Plan


@dataclasses.dataclass(frozen=True)
class Committed:
    """The journal of a part as it is in the output. `commit`: its identity, empty where the part has no file."""

    commit: str = ""
    states: Mapping[Pair, State] = dataclasses.field(default_factory=dict)


def read_journal(output: Output, part: int) -> Committed:
    """What is committed of a part; reads the file's footer alone."""
    file = output.open(garments_name(part))
    if file is None:
        return Committed()
    with file:
        footer = pyarrow.parquet.read_metadata(file).metadata or {}
    text = footer.get(FOOTER_KEY.encode(), b"").decode()
    return Committed(commit_id(text), {state.pair: state for state in from_text(text)})


def read_garments(output: Output, part: int) -> Mapping[Pair, Sequence[Garment]]:
    """The committed rows of a part."""
    found: dict[Pair, list[Garment]] = {}
    file = output.open(garments_name(part))
    for garment in () if file is None else read_rows(file):
        found.setdefault((garment.item, garment.photo), []).append(garment)
    return found


def write_part(path: Path, plan: Plan, photos: Iterable[Photo]) -> str:
    """Write the photos' rows and states as a stream; returns the journal's identity."""
    states: list[State] = []
    footer: dict[str, str] = {}

    def rows() -> Iterator[Garment]:
        for photo in photos:
            states.append(photo.state)
            yield from photo.garments
        footer[FOOTER_KEY] = to_text(states)

    write_rows(path, plan.fingerprint, plan.dimension, rows(), footer)
    return commit_id(footer[FOOTER_KEY])
