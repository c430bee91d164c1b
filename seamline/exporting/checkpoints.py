"""Networks out of a checkpoint folder, or one sentence about what is wrong with it.

The folder is what training wrote: the files of one system, and `detector.pt`. torch is imported when a network is read
and not before.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from seamline.exporting.errors import ExportRefused

if TYPE_CHECKING:
    from torch import nn

_Network = TypeVar("_Network", bound="nn.Module")

_DAMAGED = (OSError, EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError)
_UNFIT = (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)


def loaded(path: Path, what: str, load: Callable[[Path], _Network]) -> _Network:
    """The network `what` of a file in evaluation mode. Raises ExportRefused, in one sentence, where `load` fails."""
    _check_readable(path)
    try:
        return load(path).eval()
    except _UNFIT as error:
        raise ExportRefused(f"{path} is no checkpoint of {what}: {_reason(error)}") from error


def load_detector(folder: Path) -> nn.Module:
    """The detector with its boxes decoded. Raises ExportRefused."""
    return loaded(folder / "detector.pt", "the detector", _detector)


def _detector(path: Path) -> nn.Module:
    from seamline.nn.checkpoint import load_state
    from seamline.nn.detector import Detector, DetectorForExport

    detector = Detector()
    detector.load_state_dict(load_state(path))
    return DetectorForExport(detector)


def _check_readable(path: Path) -> None:
    from seamline.nn.checkpoint import load_state

    if not path.parent.is_dir():
        raise ExportRefused(f"{path.parent} is no folder; name the one that training wrote its .pt files to")
    if not path.is_file():
        raise ExportRefused(
            f"{path.parent} has no {path.name}; name the folder that training wrote, and with --system whose it is"
        )
    try:
        load_state(path)
    except _DAMAGED as error:
        raise ExportRefused(f"{path} is damaged or cut off, or no PyTorch file; copy or train it again") from error


def _reason(error: Exception) -> str:
    """The first thing that PyTorch complains about, on one line."""
    if isinstance(error, KeyError):
        return f"it has no {error}"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = lines[1] if len(lines) > 1 and lines[0].startswith("Error(s) in loading") else lines[0]
    return first if len(first) < _LONGEST else first[:_LONGEST] + " ..."


_LONGEST = 200
