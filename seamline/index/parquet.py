"""A collection as a Parquet file: one row per garment, its columns the fields of the collection in Milvus.

The footer names the weights and the vectors' shape, so that nothing is ever loaded among those of other weights. Pages
carry checksums. A file appears under its name once it is whole.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import seamline
from seamline.core.errors import BadOption, InvalidArgument
from seamline.core.output_files import output_file
from seamline.core.parts import unnamed_parts
from seamline.core.spec import CATEGORIES
from seamline.index.garment import Floats, Garment, Shape
from seamline.index.keys import item_number, photo_number

FOOTER = b"seamline"
"""Key of the file's metadata, a JSON object."""

_DERIVED = ("pk", "item", "photo", "category")
"""Columns that the record and the vectors determine."""

_PRESENT, _EARLIER_PRESENT = "parts", "regions"
_FORMAT, _EARLIER_FORMAT = 2, 1
_GROUP = 2000
_SCHEMA = pa.schema(
    [
        pa.field("pk", pa.string(), nullable=False),
        pa.field("item", pa.int64(), nullable=False),
        pa.field("photo", pa.int64(), nullable=False),
        pa.field("category", pa.int64(), nullable=False),
        pa.field(_PRESENT, pa.int64(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
        pa.field("vector", pa.list_(pa.float32()), nullable=False),
    ]
)


@dataclasses.dataclass(frozen=True)
class Header:
    """What a file says of itself. `shape`: of each garment's vectors (P, D). `rows`: garments in it."""

    fingerprint: str
    shape: Shape
    rows: int


def write_rows(
    path: Path, fingerprint: str, shape: Shape, garments: Iterable[Garment], footer: Mapping[str, str] | None = None
) -> int:
    """Write garments of the weights `fingerprint` to a file, replacing one that is there; returns their number.

    `footer` adds metadata of the caller's own; it is read after the last garment. Raises BadOption where the file
    cannot be written.
    """
    with output_file(path) as file:
        return _write(file, _schema(fingerprint, shape), shape, garments, {} if footer is None else footer)


def _schema(fingerprint: str, shape: Shape) -> pa.Schema:
    told = {
        "format": _FORMAT,
        "fingerprint": fingerprint,
        "parts": shape[0],
        "dimension": shape[1],
        "seamline": seamline.__version__,
    }
    return _SCHEMA.with_metadata({FOOTER: json.dumps({**told, "check": _check(told)}).encode()})


def _check(told: Mapping[str, Any]) -> str:
    """A digest of the header, which has no checksum of its own."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _write(
    file: BinaryIO, schema: pa.Schema, shape: Shape, garments: Iterable[Garment], footer: Mapping[str, str]
) -> int:
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=False, write_page_checksum=True) as writer:
        for group in _groups(garments):
            writer.write_table(_table(group, schema, shape), row_group_size=_GROUP)
            rows += len(group)
        writer.add_key_value_metadata(dict(footer))
    return rows


def _groups(garments: Iterable[Garment]) -> Iterator[list[Garment]]:
    group: list[Garment] = []
    for garment in garments:
        group.append(garment)
        if len(group) == _GROUP:
            yield group
            group = []
    if group:
        yield group


def _table(garments: list[Garment], schema: pa.Schema, shape: Shape) -> pa.Table:
    if any(garment.vectors.shape != shape for garment in garments):
        raise InvalidArgument(f"vectors of a garment have another shape than {shape}")
    flat = np.concatenate([garment.vectors.reshape(-1) for garment in garments]).astype(np.float32)
    offsets = np.arange(0, flat.size + 1, math.prod(shape), dtype=np.int32)
    columns = [
        pa.array([garment.key for garment in garments]),
        pa.array([item_number(garment.item) for garment in garments], pa.int64()),
        pa.array([photo_number(garment.item, garment.photo) for garment in garments], pa.int64()),
        pa.array([CATEGORIES.index(garment.category) for garment in garments], pa.int64()),
        pa.array([garment.present for garment in garments], pa.int64()),
        pa.array([garment.record for garment in garments]),
        pa.ListArray.from_arrays(offsets, flat),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def read_header(file: Path | BinaryIO) -> Header:
    """The weights, the shape of the vectors and the number of rows of a file. Raises BadOption for any other file."""
    with _opened(file) as opened:
        return _header(_name(file), opened)


def read_rows(file: Path | BinaryIO, batch: int = 1000) -> Iterator[Garment]:
    """The garments of a file, of which `batch` are in memory at a time.

    Raises BadOption for a file that is damaged or not seamline's.
    """
    with _opened(file) as opened:
        header = _header(_name(file), opened)
        rows = 0
        for found in opened.iter_batches(batch):
            yield from _garments(_name(file), found, header.shape)
            rows += len(found)
        if rows != header.rows:
            raise BadOption(f"{_name(file)} is damaged: {rows:,} of its {header.rows:,} rows can be read")


def _name(file: Path | BinaryIO) -> str:
    return str(file) if isinstance(file, Path) else "the Parquet file"


@contextlib.contextmanager
def _opened(file: Path | BinaryIO) -> Iterator[pq.ParquetFile]:
    path = _name(file)
    if isinstance(file, Path) and file.exists() and not file.is_file():
        raise BadOption(f"{path} is not a regular file, and Parquet cannot be read from a pipe or a device")
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as opened:
            yield opened
    except FileNotFoundError:
        raise BadOption(f"{path} does not exist") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{path} is damaged, or no Parquet file; export it again") from error


def _header(path: str, file: pq.ParquetFile) -> Header:
    schema = file.schema_arrow
    told = _told(schema.metadata or {})
    if told is None or any(field not in schema for field in _fields_of(schema)):
        raise BadOption(f"{path} is no export of a collection; `seamline collections export` writes one")
    if told.get("format") not in (_FORMAT, _EARLIER_FORMAT):
        raise BadOption(f"{path} has the format {told.get('format')!r}; a newer seamline wrote it")
    dimension = int(told["dimension"])
    # The earlier format had no number of parts and one set of names.
    parts = int(told["parts"]) if "parts" in told else len(unnamed_parts(dimension))
    return Header(str(told["fingerprint"]), (parts, dimension), file.metadata.num_rows)


def _fields_of(schema: pa.Schema) -> list[pa.Field]:
    """The fields that a file with this schema should have."""
    present = _PRESENT if _PRESENT in schema.names else _EARLIER_PRESENT
    return [field.with_name(present) if field.name == _PRESENT else field for field in _SCHEMA]


def _told(metadata: Mapping[bytes, bytes]) -> dict[str, Any] | None:
    try:
        told = json.loads(metadata[FOOTER])
    except (KeyError, ValueError):
        return None
    if not isinstance(told, dict) or told.pop("check", None) != _check(told):
        return None
    return told if {"fingerprint", "dimension"} <= set(told) else None


def _garments(path: str, batch: pa.RecordBatch, shape: Shape) -> list[Garment]:
    vectors = _vectors(path, batch.column("vector"), shape)
    try:
        garments = [
            Garment.from_record(record, vector)
            for record, vector in zip(batch.column("record").to_pylist(), vectors, strict=True)
        ]
    except InvalidArgument as error:
        raise BadOption(f"{path}: {error}") from error
    for row, garment in zip(_numbers(batch), garments, strict=True):
        if row != _numbers_of(garment):
            raise BadOption(f"{path}: the key {row[0]!r} is not that of its record; the file is damaged")
    return garments


def _numbers(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    present = _PRESENT if _PRESENT in batch.schema.names else _EARLIER_PRESENT
    return zip(*(batch.column(name).to_pylist() for name in (*_DERIVED, present)), strict=True)


def _numbers_of(garment: Garment) -> tuple[str | int, ...]:
    category = CATEGORIES.index(garment.category) if garment.category in CATEGORIES else -1
    photo = photo_number(garment.item, garment.photo)
    return garment.key, item_number(garment.item), photo, category, garment.present


def _vectors(path: str, column: pa.ListArray, shape: Shape) -> Floats:
    """Vectors (N, P, D)."""
    width = math.prod(shape)
    flat = column.flatten().to_numpy(zero_copy_only=False)
    if column.null_count or flat.size != width * len(column) or (np.diff(column.offsets.to_numpy()) != width).any():
        raise BadOption(f"{path}: a vector has not the {width} numbers that the file's header names")
    if not np.isfinite(flat).all():
        raise BadOption(f"{path}: a vector holds what is no number")
    return np.asarray(flat, np.float32).reshape(len(column), *shape)
