"""Frozen dataclasses as plain values for JSON, and back by the types of their fields, which must fit exactly."""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dicts, lists, texts and numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    return [to_plain(item) for item in value] if isinstance(value, list | tuple) else value


def from_plain(kind: type[T], data: object, where: str) -> T:
    """An instance of the dataclass `kind`. Raises ValueError with the place that does not fit, below `where`."""
    made: T = _value(kind, data, where)
    return made


def _value(kind: Any, data: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _instance(kind, data, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return _any_of(arguments, data, where)
    if origin is tuple and isinstance(data, list):
        return _tuple(arguments, data, where)
    if origin is collections.abc.Mapping and isinstance(data, dict):
        return {key: _value(arguments[1], item, f"{where}.{key[:40]}") for key, item in data.items()}
    if kind is Any or type(data) is kind:
        return data
    if kind is float and type(data) is int and abs(data) < 2**53:
        return float(data)
    raise ValueError(f"{where} is not {_called(kind)}")


def _instance(kind: Any, data: Any, where: str) -> Any:
    hints = _hints(kind)
    if not isinstance(data, dict) or not _required(kind) <= set(data) <= set(hints):
        raise ValueError(f"{where} does not have the fields {', '.join(hints)}")
    return kind(**{name: _value(hint, data[name], f"{where}.{name}") for name, hint in hints.items() if name in data})


@functools.cache
def _required(kind: Any) -> frozenset[str]:
    """Fields without a default; the others were not always written."""
    return frozenset(
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _any_of(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    for kind in kinds[:-1]:
        try:
            return _value(kind, data, where)
        except ValueError:
            continue
    return _value(kinds[-1], data, where)


def _tuple(kinds: tuple[Any, ...], data: list[Any], where: str) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(data)
    if len(kinds) != len(data):
        raise ValueError(f"{where} does not have {len(kinds)} values")
    return tuple(_value(kind, item, f"{where}[{n}]") for n, (kind, item) in enumerate(zip(kinds, data, strict=True)))


def _called(kind: Any) -> str:
    return "null" if kind is types.NoneType else getattr(kind, "__name__", str(kind))
