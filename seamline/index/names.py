"""Names in Milvus: what a person calls a collection, and what its rows are called behind that.

NAME                      alias: what people say and listings show
NAME__FINGERPRINT         alias: the collection that answers for the weights with that fingerprint
NAME__building            alias: the collection that a rebuild is filling
NAME__FINGERPRINT__TIME   the physical collection; every Milvus keeps its name, Milvus Lite drops descriptions
"""

from __future__ import annotations

import dataclasses
import re
import time

from seamline.errors import BadOption, InternalError

COLLECTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
_TAKEN = re.compile(r"\w*__([0-9a-f]{8,64}|building)", re.ASCII)
_PHYSICAL = re.compile(r"([A-Za-z]\w*)__([0-9a-f]{8,64})__([0-9a-f]+)", re.ASCII)


def check_name(name: str) -> str:
    """A collection's name. Raises BadOption when Milvus could not carry it."""
    if not COLLECTION_NAME.fullmatch(name):
        raise BadOption(
            "COLLECTION must begin with a letter and hold only letters, digits and underscores, 63 characters at most"
        )
    if _TAKEN.fullmatch(name):
        raise BadOption("COLLECTION must not end in __building or in __ and a fingerprint; such names are seamline's")
    return name


def fingerprint_alias(name: str, fingerprint: str) -> str:
    """The alias of the collection that answers for the weights `fingerprint`."""
    return f"{name}__{fingerprint}"


def building_alias(name: str) -> str:
    """The alias of the collection that a rebuild of `name` fills."""
    return f"{name}__building"


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
