"""How a collection is made: its index, the vectors' precision, how it is spread and how fresh its answers are.

Read from a TOML file with the names below; `configs/index/` holds files to begin with. Settings count when a collection
is made: changing them means a rebuild.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seamline.core.errors import BadOption

_BUILD: dict[str, dict[str, Any]] = {
    "FLAT": {},
    "HNSW": {"M": 16, "efConstruction": 200},
    "HNSW_SQ": {"M": 16, "efConstruction": 200, "sq_type": "SQ8"},
    "HNSW_PQ": {"M": 16, "efConstruction": 200, "m": 64, "nbits": 8},
    "IVF_FLAT": {"nlist": 1024},
    "IVF_SQ8": {"nlist": 1024},
    "SCANN": {"nlist": 1024},
    "DISKANN": {},
    "GPU_CAGRA": {"intermediate_graph_degree": 64, "graph_degree": 32},
}
"""Index types and the parameters that each is built with unless a file gives others."""

PRECISIONS = ("FP32", "FP16", "BF16")
CONSISTENCIES = ("Strong", "Bounded", "Session", "Eventually")


@dataclasses.dataclass(frozen=True)
class IndexSettings:
    """`index`: the type of the vector index. `parameters`: what it is built with, the type's own by default.

    `precision`: of the stored vectors. `partition_by_category`: rows of one category lie together, so that a search
    among few categories reads only these. `shards`: channels that writing is spread over. `replicas`: copies in the
    memory of query nodes. `consistency`: Bounded answers at once and may lag some seconds behind what was written;
    Strong waits for everything written before.
    """

    index: str = "HNSW"
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    precision: str = "FP32"
    partition_by_category: bool = False
    shards: int = 1
    replicas: int = 1
    consistency: str = "Bounded"

    def __post_init__(self) -> None:
        _one_of("index", self.index, tuple(_BUILD))
        _one_of("precision", self.precision, PRECISIONS)
        _one_of("consistency", self.consistency, CONSISTENCIES)
        for name in ("shards", "replicas"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 64:
                raise BadOption(f"index settings: {name} is a number from 1 to 64, not {value!r}")
        if not isinstance(self.partition_by_category, bool):
            raise BadOption("index settings: partition_by_category is true or false")
        if not isinstance(self.parameters, Mapping):
            raise BadOption("index settings: parameters is a table of names and values")

    @property
    def build(self) -> dict[str, Any]:
        """The parameters that the index is built with."""
        return {**_BUILD[self.index], **self.parameters}

    @classmethod
    def read(cls, path: Path) -> IndexSettings:
        """The settings in a TOML file. Raises BadOption."""
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadOption(f"the index settings {path} cannot be read: {error.strerror}") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadOption(f"the index settings {path} are not TOML: {error}") from error
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(found) - known):
            raise BadOption(f"{path}: {unknown[0]!r} is no index setting; they are {', '.join(sorted(known))}")
        return cls(**found)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> IndexSettings:
        """The settings in the file that SEAMLINE_INDEX_SETTINGS names; the defaults where it names none."""
        named = environment.get("SEAMLINE_INDEX_SETTINGS")
        return cls.read(Path(named)) if named else cls()


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise BadOption(f"index settings: {name} is one of {', '.join(choices)}, not {value!r}")
