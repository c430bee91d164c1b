"""Networks out of a checkpoint folder, or one sentence about what is wrong with it.

The folder is what training wrote: `encoder.pt` and `region_head.pt`, or `psnet.pt` in place of both, and `detector.pt`.
torch is imported when a network is read and not before.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.exporting.errors import ExportRefused

if TYPE_CHECKING:
    from torch import nn

    from seamline.systems.psnet.network import PSNet

PSNET = "psnet.pt"

_DAMAGED = (OSError, EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError)
_UNFIT = (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)


def load_encoder(folder: Path) -> nn.Module:
    """The encoder, or PS-Net's. Raises ExportRefused."""
    if not holds_psnet(folder):
        from seamline.systems.psnet_lite.checkpoint import load_encoder as load

        return _loaded(folder / "encoder.pt", "the encoder", load)
    from seamline.systems.psnet.serving import ServedEncoder

    return _loaded(folder / PSNET, "PS-Net", lambda path: ServedEncoder(_psnet(path)))


def load_region_head(folder: Path) -> nn.Module:
    """The region head, or PS-Net's. Raises ExportRefused."""
    if not holds_psnet(folder):
        from seamline.systems.psnet_lite.checkpoint import load_region_head as load

        return _loaded(folder / "region_head.pt", "the region head", load)
    from seamline.systems.psnet.serving import ServedHead

    return _loaded(folder / PSNET, "PS-Net", lambda path: ServedHead(_psnet(path)))


def load_detector(folder: Path) -> nn.Module:
    """The detector with its boxes decoded. Raises ExportRefused."""
    return _loaded(folder / "detector.pt", "the detector", _detector)


def holds_psnet(folder: Path) -> bool:
    """Whether PS-Net takes the place of encoder and region head. Raises ExportRefused where both are there."""
    if not folder.is_dir():
        raise ExportRefused(f"{folder} is no folder; name the one that training wrote its .pt files to")
    psnet, encoder = folder / PSNET, folder / "encoder.pt"
    if psnet.is_file() and encoder.is_file():
        raise ExportRefused(
            f"{folder} holds both {psnet.name} and {encoder.name}; move away the one that is not to be served"
        )
    return psnet.is_file()


def _psnet(path: Path) -> PSNet:
    from seamline.systems.psnet.checkpoint import load_psnet

    return load_psnet(path)


def _detector(path: Path) -> nn.Module:
    from seamline.nn.checkpoint import load_state
    from seamline.nn.detector import Detector, DetectorForExport

    detector = Detector()
    detector.load_state_dict(load_state(path))
    return DetectorForExport(detector)


def _loaded(path: Path, what: str, load: Callable[[Path], nn.Module]) -> nn.Module:
    _check_readable(path)
    try:
        return load(path).eval()
    except _UNFIT as error:
        raise ExportRefused(f"{path} is no checkpoint of {what}: {_reason(error)}") from error


def _check_readable(path: Path) -> None:
    from seamline.nn.checkpoint import load_state

    if not path.is_file():
        raise ExportRefused(f"{path.parent} has no {path.name}; name the folder that training wrote")
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
