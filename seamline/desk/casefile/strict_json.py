"""JSON with one meaning: the one text that a value is hashed as, and a reader that takes nothing ambiguous."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def canonical(value: object) -> bytes:
    """UTF-8 with sorted keys, no spaces and no escapes but JSON's own. Raises ValueError for what is not JSON."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8")
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def readable(value: object) -> bytes:
    """UTF-8 with sorted keys, a line for each value."""
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n"


def parsed(data: bytes) -> Any:
    """The value. Raises ValueError for other than JSON, a key that stands twice and numbers that are none."""
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice in it")
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value
