"""The optimisation profile: the batches that an engine takes, and the one that it is tuned for."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from seamline.core.errors import SeamlineError
from seamline.exporting.errors import ExportError
from seamline.exporting.tensorrt.graph import Shape
from seamline.local.repository import read_config


@dataclasses.dataclass(frozen=True)
class Profile:
    """1 <= least <= best <= most. `best` is the batch for which kernels are chosen."""

    least: int = 1
    best: int = 4
    most: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.best <= self.most:
            raise ExportError(f"the profile {self} is out of order; write three batches as min,opt,max, like 1,4,16")

    def __str__(self) -> str:
        return f"{self.least},{self.best},{self.most}"

    @classmethod
    def parse(cls, text: str) -> Profile:
        """From `1,4,16`. Raises ExportError."""
        parts = text.split(",")
        if len(parts) != 3 or not all(part.strip().isdigit() for part in parts):
            raise ExportError(f"the profile {text!r} is not three batches; write them as min,opt,max, like 1,4,16")
        return cls(*(int(part) for part in parts))

    @classmethod
    def of_step(cls, most: int) -> Profile:
        """Up to what the step serves."""
        return cls(1, min(4, most), most)

    def check_served(self, step: str, most: int) -> None:
        """Raises ExportError unless an engine takes exactly the batches that the step sends it."""
        if self.most > most:
            raise ExportError(
                f"the profile {self} goes up to {self.most}, and {step} has max_batch_size {most} in its config.pbtxt; "
                "take that or less"
            )
        if (self.least, self.most) != (1, most):
            raise ExportError(
                f"the profile {self} leaves out batches that {step} serves: 1 to {most} by its config.pbtxt; "
                f"write it as 1,{self.best},{most}"
            )

    def shapes(self, name: str, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """Least, best and largest shape of an input. Raises ExportError where the batch is not its only free size."""
        if not shape or isinstance(shape[0], int):
            raise ExportError(
                f"the input {name} has a fixed batch of {shape[0] if shape else 'none'}; export it with a free one"
            )
        rest = [size for size in shape[1:] if isinstance(size, int)]
        if len(rest) != len(shape) - 1:
            raise ExportError(f"the input {name} has free sizes besides the batch: {shape}; export it with fixed ones")
        return tuple((batch, *rest) for batch in (self.least, self.best, self.most))


def max_batch_size(repository: Path, step: str) -> int | None:
    """What config.pbtxt says, None where there is no such step. Raises ExportError where it cannot be read."""
    if not (repository / step / "config.pbtxt").is_file():
        return None
    try:
        return int(read_config(repository / step).max_batch_size)
    except SeamlineError as error:
        raise ExportError(str(error)) from error
