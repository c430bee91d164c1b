"""What became of every photo of a part, kept in the footer of the part's own Parquet file.

Rows and journal are thus one file, committed by one rename: no moment has the one without the other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from seamline.catalogue.photos import Stamp
from seamline.core.errors import InternalError

FOOTER_KEY = "seamline.photos"
"""Key of the Parquet file's metadata that holds the journal."""

Pair = tuple[str, str]
"""An item and its photo."""


@dataclasses.dataclass(frozen=True)
class State:
    """One photo of an item, or a row of the manifest that names none.

    `size`, `changed`: stamp of the file as embedded. `sha256`: of its bytes, empty where none was. `about`: digest
    of the metadata in its rows. `garments`: how many rows it has. `failure`: why the photo could not be used now, None
    where all went well; its rows are then those from before, if any. `place`: of such a row of the manifest.
    """

    item: str
    photo: str
    size: int = 0
    changed: int = 0
    sha256: str = ""
    about: str = ""
    garments: int = 0
    failure: str | None = None
    place: str = ""

    @property
    def pair(self) -> Pair:
        """Item and photo; for a row that names none its place in the manifest stands in."""
        return self.item, self.photo or self.place

    def is_unread(self, stamp: Stamp) -> bool:
        """Whether a file with this stamp has the content that was embedded, as far as a stamp can tell."""
        return stamp.is_reliable and Stamp(self.size, self.changed) == stamp

    def has(self, sha256: str) -> bool:
        """Whether this content was embedded."""
        return self.sha256 == sha256


def to_text(states: Sequence[State]) -> str:
    """The journal as JSON, in the order of `states`."""
    return json.dumps([dataclasses.astuple(state) for state in states])


def from_text(text: str) -> tuple[State, ...]:
    """The states of `to_text`. Raises InternalError when it is something else."""
    try:
        return tuple(State(*values) for values in json.loads(text))
    except (TypeError, ValueError):
        raise InternalError("the journal of a part is not readable; delete the part's file and start again") from None


def commit_id(text: str) -> str:
    """A digest of a journal: two attempts that found and did the same have the same one."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
