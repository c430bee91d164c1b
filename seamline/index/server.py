"""What kinds of Milvus there are, and what each of them can do.

Milvus Lite takes every index type at its word and builds what it has; a server that lacks one refuses it. Both answers
must be the same sentence for whoever chose the settings.
"""

from __future__ import annotations

import dataclasses
import re

from seamline.core.errors import Unsupported
from seamline.index.settings import IndexSettings

_LITE_INDEXES = ("FLAT", "HNSW", "HNSW_SQ", "IVF_FLAT", "IVF_SQ8")
_SINCE = {"HNSW_SQ": (2, 5), "HNSW_PQ": (2, 5), "GPU_CAGRA": (2, 4), "FP16": (2, 4), "BF16": (2, 4)}
"""Version of Milvus from which each is there, by its release notes."""

_PARTITIONS = (2, 4)
"""Before, an upsert computes the partition from another field than the key (milvus-io/milvus pull request 30772)."""


@dataclasses.dataclass(frozen=True)
class Server:
    """A Milvus by what it says of itself. `version`: (major, minor); Milvus Lite's has nothing to do with Milvus's."""

    lite: bool
    version: tuple[int, int]

    @classmethod
    def of(cls, text: str) -> Server:
        """From the answer to GetVersion, such as `v2.5.4` or `milvus_lite-3.2.2`."""
        numbers = re.search(r"(\d+)\.(\d+)", text)
        version = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
        return cls(text.startswith("milvus_lite"), version)

    @property
    def index_of_numbers(self) -> str:
        """The type of index for fields of numbers; empty where looking through all rows is quick enough."""
        if self.lite:
            return ""
        return "INVERTED" if self.version >= (2, 4) else "STL_SORT"

    def check(self, settings: IndexSettings) -> None:
        """Raise Unsupported for what this server cannot do."""
        for name, value in (("index", settings.index), ("precision", settings.precision)):
            if not self._has(value):
                raise Unsupported(f"{self} has no {name} {value}; {_REMEDY}")
        if settings.partition_by_category and not self.lite and self.version < _PARTITIONS:
            raise Unsupported(f"{self} puts replaced rows into wrong partitions; {_REMEDY}")
        if self.lite and (settings.shards, settings.replicas) != (1, 1):
            raise Unsupported(f"{self} has one shard and one replica; {_REMEDY}")

    def _has(self, value: str) -> bool:
        if self.lite:
            return value in _LITE_INDEXES or value == "FP32"
        return self.version >= _SINCE.get(value, (0, 0))

    def __str__(self) -> str:
        return "Milvus Lite" if self.lite else f"Milvus {self.version[0]}.{self.version[1]}"


_REMEDY = "choose other index settings, or a Milvus that can"
