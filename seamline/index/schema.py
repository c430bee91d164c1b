"""The fields and the indexes of a collection."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from typing import Any

from pymilvus import DataType, MilvusClient

from seamline.core.parts import unnamed_parts
from seamline.core.spec import CATEGORIES
from seamline.index.garment import MAX_RECORD, Shape
from seamline.index.keys import KEY_LENGTH
from seamline.index.precision import TYPES
from seamline.index.settings import IndexSettings

FIELDS = ("pk", "item", "photo", "category", "record", "vector")
_PRESENT, _EARLIER = re.compile(r"parts_(\d+)"), "regions"
_EARLIER_PARTS = len(unnamed_parts(1))
CHANGED = "changed"
"""When a row was written, in nanoseconds since 1970 by the writer's clock; collections of before do not note it."""
NUMBERS = ("item", "photo")
"""Fields that rows are looked up by."""


@dataclasses.dataclass(frozen=True)
class PresentField:
    """The field that says which of `parts` parts a row has, as bits.

    Its name carries their number, which nothing else in Milvus Lite keeps. `name` is empty in collections that do not
    note it.
    """

    name: str
    parts: int

    @classmethod
    def of_parts(cls, count: int) -> PresentField:
        """In a new collection."""
        return cls(f"parts_{count}", count)

    @classmethod
    def among(cls, fields: Collection[str]) -> PresentField:
        """In a collection with these fields; earlier ones had five parts in the field `regions`, or noted none."""
        for name in fields:
            if named := _PRESENT.fullmatch(name):
                return cls(name, int(named[1]))
        return cls(_EARLIER if _EARLIER in fields else "", _EARLIER_PARTS)

    @property
    def whole(self) -> int:
        """The value of a row that lacks no part."""
        return int(2**self.parts - 1)


def schema_of(shape: Shape, settings: IndexSettings) -> Any:
    """The fields for vectors (P, D)."""
    parts, dimension = shape
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=KEY_LENGTH)
    schema.add_field("item", DataType.INT64)
    schema.add_field("photo", DataType.INT64)
    schema.add_field("category", DataType.INT64, is_partition_key=settings.partition_by_category)
    schema.add_field(PresentField.of_parts(parts).name, DataType.INT64)
    schema.add_field(CHANGED, DataType.INT64)
    schema.add_field("record", DataType.VARCHAR, max_length=MAX_RECORD)
    schema.add_field("vector", TYPES[settings.precision], dim=parts * dimension)
    return schema


def indexed_fields(numbers: str) -> tuple[str, ...]:
    """The fields with an index, where those of numbers have one of the type `numbers`."""
    return ("vector", *(NUMBERS if numbers else ()))


def fitting(described: Mapping[str, Any], settings: IndexSettings) -> bool:
    """Whether an index is that of the settings, as far as Milvus describes it; Milvus Lite tells its type alone."""
    wanted = {"index_type": settings.index, **settings.build}
    return all(
        str(described[name]).lower() == str(value).lower() for name, value in wanted.items() if name in described
    )


def indexes_of(settings: IndexSettings, numbers: str) -> Any:
    """The vector's index and those of the numbers, whose type is `numbers`, empty for none."""
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type=settings.index, metric_type="IP", params=settings.build)
    for field in indexed_fields(numbers)[1:]:
        indexes.add_index(field, index_type=numbers)
    return indexes


def spread_of(settings: IndexSettings) -> dict[str, Any]:
    """How the collection is spread over the server, and how fresh its answers are."""
    spread: dict[str, Any] = {"num_shards": settings.shards, "consistency_level": settings.consistency}
    return {**spread, "num_partitions": len(CATEGORIES)} if settings.partition_by_category else spread


def precision_of(field: dict[str, Any]) -> str:
    """The precision of a vector field as Milvus describes it."""
    return next(name for name, kind in TYPES.items() if kind == field["type"])
