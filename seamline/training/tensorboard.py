"""Event files for TensorBoard; none are written where it is not installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Events:
    """Writes event files into `folder`; what earlier files say about later steps than `step` is hidden."""

    def __init__(self, folder: Path, step: int) -> None:
        self._writer = _writer(folder, step)

    def add(self, chart: str, values: Mapping[str, float], step: int) -> None:
        """One point for each of the chart's lines."""
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(f"{chart}/{name}", value, step)

    def close(self) -> None:
        """Write what is still in memory."""
        if self._writer is not None:
            self._writer.close()


def _writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=step + 1)
