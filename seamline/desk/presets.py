"""Weights of parts that people have saved under names of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from seamline.core.errors import BadOption, NotFound
from seamline.core.parts import MOST_PARTS
from seamline.core.printable import printable
from seamline.desk.errors import Conflict
from seamline.desk.people.user import User
from seamline.desk.store import Store
from seamline.desk.store.models import Preset

_LONGEST_NAME = 60
_MOST_PRESETS = 100


def presets_of(store: Store, user: User) -> list[Preset]:
    """A person's own, by name."""
    with store.reading() as session:
        return list(session.scalars(select(Preset).where(Preset.owner == user.name).order_by(Preset.name)))


def save_preset(store: Store, user: User, name: str, weights: Mapping[str, float]) -> Preset:
    """Keep weights (part -> 0..1); those that the person has under this name are replaced.

    Raises BadOption for a name or weights that are none, Conflict where another page saves the name at this moment.
    """
    wanted = _checked_name(name)
    values = _checked_weights(weights)
    try:
        with store.session() as session:
            own = {preset.name: preset for preset in session.scalars(select(Preset).where(Preset.owner == user.name))}
            preset = own.get(wanted) or Preset(owner=user.name, name=wanted, weights=values)
            if wanted not in own and len(own) >= _MOST_PRESETS:
                raise BadOption(f"you have {_MOST_PRESETS} sets of weights; delete one first")
            preset.weights = values
            session.add(preset)
    except IntegrityError:
        raise Conflict("another page has just saved weights under this name; look at the list again") from None
    return preset


def delete_preset(store: Store, user: User, preset_id: int) -> None:
    """Forget one of a person's own. Raises NotFound where there is none."""
    with store.session() as session:
        found = session.scalars(select(Preset).where(Preset.id == preset_id, Preset.owner == user.name)).first()
        if found is None:
            raise NotFound("you have no such weights; the list may be older than their deletion")
        session.delete(found)


def _checked_name(name: str) -> str:
    wanted = " ".join(printable(name).split())
    if not 0 < len(wanted) <= _LONGEST_NAME:
        raise BadOption(f"give the weights a name of 1 to {_LONGEST_NAME} characters")
    return wanted


def _checked_weights(weights: Mapping[str, float]) -> dict[str, float]:
    if not 0 < len(weights) <= MOST_PARTS or not any(weights.values()):
        raise BadOption("give at least one part a weight above 0")
    if any(not math.isfinite(value) or not 0 <= value <= 1 for value in weights.values()):
        raise BadOption("a weight lies between 0 and 1")
    return {part: float(value) for part, value in weights.items()}
