"""What people may call a collection."""

from __future__ import annotations

import re

from seamline.core.errors import BadOption

DEFAULT_COLLECTION = "catalogue"
"""The one that a search asks that names none."""

COLLECTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)
_TAKEN = re.compile(r"\w*__([0-9a-f]{8,64}|building|copying|before)", re.ASCII)


def check_name(name: str) -> str:
    """A collection's name. Raises BadOption when Milvus could not carry it."""
    if not COLLECTION_NAME.fullmatch(name):
        raise BadOption(
            "COLLECTION must begin with a letter and hold only letters, digits and underscores, 63 characters at most"
        )
    if _TAKEN.fullmatch(name):
        raise BadOption(
            "COLLECTION must not end in __building, __copying, __before or in __ and a fingerprint; such names are "
            "seamline's"
        )
    return name
