"""Whether a photo is the one that a label was made of: other folders of photos have files of the same names."""

from __future__ import annotations

import hashlib
from pathlib import Path


def is_labelled_photo(photo: Path, sha256: str) -> bool:
    """Whether the SHA-256 of a photo's file begins with these hexadecimal digits. Raises OSError."""
    return hashlib.sha256(photo.read_bytes()).hexdigest().startswith(sha256)
