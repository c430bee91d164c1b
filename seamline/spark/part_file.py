"""A part's Parquet file: the rows of a collection, and in the footer the part's journal."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from seamline.index import Garment
from seamline.index.parquet import read_rows, write_rows
from seamline.spark.journal import FOOTER_KEY, Pair, State, commit_id, from_text, to_text
from seamline.spark.output import Output, garments_name
from seamline.spark.plan import Plan


@dataclasses.dataclass(frozen=True)
class Photo:
    """One photo's state and rows; `is_new` where they were embedded just now."""

    state: State
    garments: Sequence[Garment] = ()
    is_new: bool = False


@dataclasses.dataclass(frozen=True)
class Committed:
    """A part as it is in the output. `commit`: identity of its journal, empty where the part has no file.

    `garments`: the rows that the journal speaks of; none where it was read alone.
    """

    commit: str = ""
    states: Mapping[Pair, State] = dataclasses.field(default_factory=dict)
    garments: Mapping[Pair, Sequence[Garment]] = dataclasses.field(default_factory=dict)


def read_journal(output: Output, part: int) -> Committed:
    """The journal of a part; reads the file's footer alone."""
    file = output.open(garments_name(part))
    if file is None:
        return Committed()
    with file:
        return _journal(file)


def read_part(output: Output, part: int) -> Committed:
    """Journal and rows of a part, both of one commit whatever is put in its place meanwhile."""
    file = output.open(garments_name(part))
    if file is None:
        return Committed()
    with file:
        whole = file.read_buffer()  # in one piece: an object store answers every request from what is there then
    garments: dict[Pair, list[Garment]] = {}
    for garment in read_rows(pa.BufferReader(whole)):
        garments.setdefault((garment.item, garment.photo), []).append(garment)
    return dataclasses.replace(_journal(pa.BufferReader(whole)), garments=garments)


def _journal(file: pa.NativeFile) -> Committed:
    footer = pyarrow.parquet.read_metadata(file).metadata or {}
    text = footer.get(FOOTER_KEY.encode(), b"").decode()
    return Committed(commit_id(text), {state.pair: state for state in from_text(text)})


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
