"""GPU architectures by their compute capability, as NVIDIA counts them: SM89 is 8.9."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from seamline.exporting.errors import ExportError
from seamline.exporting.tensorrt.trt_variant import TrtVariant

GPUS = {
    75: "Turing: T4, RTX 20",
    80: "Ampere: A100, A30",
    86: "Ampere: A10, A40, RTX 30",
    89: "Ada: L4, L40S, RTX 40",
    90: "Hopper: H100, H200",
    100: "Blackwell: B200",
    120: "Blackwell: RTX 50, RTX PRO 6000",
}
"""What a report covers unless told otherwise, with cards that people serve on."""


@dataclasses.dataclass(frozen=True, order=True)
class Target:
    """One architecture; `number` is ten times its compute capability."""

    number: int

    def __str__(self) -> str:
        return f"SM{self.number}"

    @classmethod
    def parse(cls, text: str) -> Target:
        """From `SM89`, `sm_89`, `89` or `8.9`. Raises ExportError."""
        found = re.fullmatch(r"(?:sm_?)?(\d{2,3}|\d{1,2}\.\d)", text.strip().lower())
        if not found:
            raise ExportError(f"{text!r} is no GPU architecture; write one as SM89 or 8.9")
        return cls(int(found[1].replace(".", "")))


ALL = tuple(Target(number) for number in GPUS)


def capability(variant: TrtVariant, target: Target) -> Any | None:
    """The builder's name for an architecture, None where it does not build for it ahead of time."""
    if not variant.ahead_of_time:
        return None
    return variant.module.ComputeCapability.__members__.get(str(target))


def offered(variant: TrtVariant) -> list[Target]:
    """Every architecture that the builder has a name for."""
    names = variant.module.ComputeCapability.__members__ if variant.ahead_of_time else ()
    return sorted(Target(int(name[2:])) for name in names if re.fullmatch(r"SM\d+", name))


def check_offered(variant: TrtVariant, targets: Sequence[Target]) -> None:
    """Raises ExportError for an architecture that the builder does not know."""
    for target in targets:
        if capability(variant, target) is None:
            names = ", ".join(str(one) for one in offered(variant))
            raise ExportError(f"{variant} does not build for {target}; it builds for {names}")
