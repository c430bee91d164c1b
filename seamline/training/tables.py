"""Tables of a configuration file as frozen dataclasses: every key known, every value of its type."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from seamline.training.errors import BadConfig

T = TypeVar("T")

_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "a path"}


def filled(defaults: T, table: object, key: str) -> T:
    """The dataclass `defaults` with the values of a table in their places.

    `key`: the table's own name, for messages. Raises BadConfig naming the key and what is allowed.
    """
    if not isinstance(table, Mapping):
        raise BadConfig(f"{key} must be a table, not {table!r}")
    hints = typing.get_type_hints(type(defaults))
    check_keys(table, list(hints), key)
    values = {
        name: _value(hints[name], value, _below(key, name), getattr(defaults, name)) for name, value in table.items()
    }
    try:
        return dataclasses.replace(defaults, **values)  # type: ignore[type-var]
    except ValueError as error:
        raise BadConfig(_below(key, str(error))) from error


def check_keys(table: Mapping[str, object], known: Sequence[str], key: str) -> None:
    """Raises BadConfig for the first key that is not known."""
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            place = f"[{key}] has" if key else "there are"
            raise BadConfig(f"{_below(key, name)} is not a known key{hint} ({place} {', '.join(known)})")


def value_of(kind: type[T], value: object, key: str) -> T:
    """A single value. Raises BadConfig when it is of another type."""
    found: T = _value(kind, value, key, None)
    return found


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _value(hint: Any, value: object, key: str, default: object) -> Any:
    if dataclasses.is_dataclass(hint):
        return filled(hint() if default is None else default, value, key)  # type: ignore[operator]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _value(next(kind for kind in arguments if kind is not type(None)), value, key, default)
    if origin is Literal:
        return _one_of(arguments, value, key)
    if origin is tuple:
        return _tuple(arguments, value, key)
    if origin in (Mapping, dict):
        return _mapping(arguments[1], value, key, default)
    return _plain(hint, value, key)


def _plain(kind: type, value: object, key: str) -> Any:
    fits = type(value) is kind or (kind is Path and isinstance(value, str)) or (kind is float and type(value) is int)
    if not fits:
        raise BadConfig(f"{key} must be {_NAMES[kind]}, not {value!r}")
    return kind(value)


def _one_of(allowed: tuple[object, ...], value: object, key: str) -> object:
    if value not in allowed:
        raise BadConfig(f"{key} must be one of {', '.join(map(str, allowed))}, not {value!r}")
    return value


def _tuple(kinds: tuple[Any, ...], value: object, key: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise BadConfig(f"{key} must be a list, not {value!r}")
    each = [kinds[0]] * len(value) if kinds[-1] is Ellipsis else list(kinds)
    if len(each) != len(value):
        raise BadConfig(f"{key} must have {len(each)} values, not {len(value)}")
    return tuple(
        _value(kind, item, f"{key}[{n}]", None) for n, (kind, item) in enumerate(zip(each, value, strict=True))
    )


def _mapping(kind: Any, value: object, key: str, default: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise BadConfig(f"{key} must be a table, not {value!r}")
    known = default if isinstance(default, Mapping) else {}
    return {**known, **{name: _value(kind, item, f"{key}.{name}", known.get(name)) for name, item in value.items()}}
