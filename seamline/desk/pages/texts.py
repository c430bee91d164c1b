"""Kinds of text that requests bring, refused where no row could hold them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints

_ID = r"^[0-9a-f]{32}$"

IdText = Annotated[str, StringConstraints(pattern=_ID)]
"""The id of a row, in a body."""

Id = Annotated[str, Path(pattern=_ID)]
"""The id of a row, in an address."""

Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
"""A name from outside, such as a seller's."""
