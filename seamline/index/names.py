"""Names in Milvus: what a person calls a collection, and what its rows are called behind that.

NAME                      alias: what people say and listings show
NAME__FINGERPRINT         alias: the collection that answers for the weights with that fingerprint
NAME__building            alias: the collection that a rebuild is filling with photos embedded anew
NAME__copying             alias: the collection that is being filled with rows of another one, or of files
PHYSICAL__before          alias: the collection that the physical one replaced, which a rollback goes back to
NAME__FINGERPRINT__TIME   the physical collection; every Milvus keeps its name, Milvus Lite drops descriptions
"""

from __future__ import annotations

import dataclasses
import re
import time

from seamline.core.errors import InternalError

_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
_PHYSICAL = re.compile(r"([A-Za-z]\w*)__([0-9a-f]{8,64})__([0-9a-f]+)", re.ASCII)
_BEFORE = "__before"


def fingerprint_alias(name: str, fingerprint: str) -> str:
    """The alias of the collection that answers for the weights `fingerprint`."""
    return f"{name}__{fingerprint}"


def building_alias(name: str, copying: bool = False) -> str:
    """The alias of the collection that a rebuild of `name` fills; `copying`: with rows that are there already.

    The two never go on with each other's half: each deletes what it does not know.
    """
    return f"{name}__copying" if copying else f"{name}__building"


def tells_predecessor(alias: str) -> bool:
    """Whether an alias stands for what another collection replaced."""
    return alias.endswith(_BEFORE)


@dataclasses.dataclass(frozen=True, order=True)
class Physical:
    """The parts of a physical collection's name. `made`: when, in milliseconds; later ones of a name are larger."""

    name: str
    made: int
    fingerprint: str

    @classmethod
    def new(cls, name: str, fingerprint: str) -> Physical:
        """A name that no other collection has. Raises InternalError for an impossible fingerprint."""
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise InternalError(f"the fingerprint {fingerprint!r} is not a hexadecimal digest")
        return cls(name, int(time.time() * 1000), fingerprint)

    @classmethod
    def parse(cls, text: str) -> Physical | None:
        """The parts of a name, None when it is not one of seamline's."""
        found = _PHYSICAL.fullmatch(text)
        return None if found is None else cls(found[1], int(found[3], 16), found[2])

    def __str__(self) -> str:
        return f"{self.name}__{self.fingerprint}__{self.made:x}"

    @property
    def before(self) -> str:
        """The alias of the collection that this one replaced when it was published."""
        return f"{self}{_BEFORE}"

    @property
    def unfinished(self) -> frozenset[str]:
        """The aliases that one has which is being filled."""
        return frozenset(building_alias(self.name, copying) for copying in (False, True))
