"""What a caller should know of a photo that was answered all the same."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True)
class PhotoWarning:
    """`code`: for programs, and stable. `message`: a sentence for people."""

    code: str
    message: str


TRUNCATED = PhotoWarning("truncated", "the photo's file is cut off; what is missing counts as plain ground")
PROFILE = PhotoWarning("colour_profile", "the photo's colour profile cannot be read; its colours may be off")
FIRST_FRAME = PhotoWarning("first_frame", "the photo's file holds several pictures; the first one counts")
NO_GARMENT = PhotoWarning("no_garment", "no garment was found in the photo; name one with BOX if there is one")


def too_many_garments(most: int) -> PhotoWarning:
    """A detector found more garments than an answer may hold."""
    return PhotoWarning("too_many_garments", f"more than {most} garments were found; the {most} clearest ones count")


def to_json(warnings: Iterable[PhotoWarning]) -> str:
    """A list of objects with `code` and `message`."""
    return json.dumps([dataclasses.asdict(warning) for warning in warnings])


def from_json(text: str) -> tuple[PhotoWarning, ...]:
    """The inverse of `to_json`; also takes warnings that are not among those above. Raises ValueError."""
    try:
        return tuple(PhotoWarning(str(told["code"]), str(told["message"])) for told in json.loads(text))
    except (TypeError, KeyError) as error:
        raise ValueError("not a list of warnings") from error
