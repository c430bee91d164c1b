"""Numbers that say how strongly something happens: at 0 nothing does, and all can be made stronger at once."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar, Self


@dataclasses.dataclass(frozen=True)
class Strengths:
    """Base of the photographer's parameters: frozen dataclasses of numbers that are at least 0.

    `CHANCES`: names of those that are probabilities. Raises ValueError naming a number that is out of range.
    """

    CHANCES: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name, value in self._numbers():
            most = 1.0 if name in self.CHANCES else math.inf
            if not (math.isfinite(value) and 0 <= value <= most):
                raise ValueError(f"{name} must be a number from 0{' to 1' if most == 1 else ' on'}, not {value}")

    def scaled(self, factor: float) -> Self:
        """All numbers times a factor; probabilities end at 1."""
        changes: dict[str, Any] = {
            name: min(1.0, value * factor) if name in self.CHANCES else value * factor
            for name, value in self._numbers()
        }
        return dataclasses.replace(self, **changes)

    def _numbers(self) -> list[tuple[str, float]]:
        return [(field.name, getattr(self, field.name)) for field in dataclasses.fields(self)]
