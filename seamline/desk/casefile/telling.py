"""An entry of the log in words for the evidence page; what it holds to the letter is in the log itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.strict_json import canonical


def told(entry: LogEntry) -> str:
    """What was done, on one line."""
    own = _KINDS.get(entry.kind)
    if own is not None and set(entry.data) == {own[0]}:
        return own[1](entry.data)
    said = "; ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in entry.data.items())
    what = entry.kind.replace("_", " ")
    return f"{what} ({said})" if said else what


def _exported(data: Mapping[str, Any]) -> str:
    authority = data["time_stamp"]
    return "exported, without a time stamp" if authority is None else f"exported, with a time stamp of {authority}"


def _notice(data: Mapping[str, Any]) -> str:
    """The text itself stands in the notice; its hash tells which one it was."""
    text = str(data["notice"])
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return f"notice changed, {len(text):,} characters, SHA-256 {digest}"


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "none"
    return value.strip() if isinstance(value, str) else canonical(value).decode()


_KINDS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "exported": ("time_stamp", _exported),
    "notice_changed": ("notice", _notice),
}
"""Kinds with a sentence of their own, and what such an entry holds."""
