"""What a person says of a suspect."""

from __future__ import annotations

from dataclasses import dataclass

from seamline.core.errors import BadOption
from seamline.desk.queue.states import VERDICTS

MAX_NOTE = 2000
"""Characters."""


@dataclass(frozen=True)
class Said:
    """A verdict with its note. Raises BadOption for a word that is no verdict and a note that cannot be kept."""

    verdict: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise BadOption(f"a verdict is one of {', '.join(VERDICTS)}")
        if len(self.note) > MAX_NOTE:
            raise BadOption(f"a note has at most {MAX_NOTE:,} characters; shorten it")
        if "\0" in self.note or not _is_text(self.note):
            raise BadOption("the note holds something that is no text; write it anew")


def _is_text(note: str) -> bool:
    try:
        note.encode()
    except UnicodeEncodeError:
        return False
    return True
