"""What the training of the landmark branch goes on from."""

from __future__ import annotations

from pathlib import Path

from seamline.nn.landmarks import LandmarkBranch
from seamline.systems.psnet_lite.checkpoint import load_landmarks
from seamline.systems.psnet_lite.from_onnx import landmarks_from_onnx
from seamline.systems.psnet_lite.landmark_options import LandmarkOptions
from seamline.training.errors import BadConfig


def check(options: LandmarkOptions) -> None:
    """Raises BadConfig where there is nothing to go on from."""
    if options.start and not _file(options.start).is_file():
        raise BadConfig(
            f"psnet_lite_landmarks.start: there is no {_file(options.start)}; name a landmarks.pt, its folder, or the "
            "model.onnx of an encoder"
        )
    for name in ("further_labels", "flat_labels"):
        file = getattr(options, name)
        if file and not Path(file).is_file():
            raise BadConfig(
                f'psnet_lite_landmarks.{name}: there is no {file}; name a file of that form, or "" to learn from the '
                "folder of photos alone"
            )
    if options.keep_foreground and not options.start:
        raise BadConfig("psnet_lite_landmarks.keep_foreground: name a start whose foreground is kept")


def start_branch(start: str) -> LandmarkBranch:
    """The landmark branch of a landmarks.pt, its folder, or an encoder's model.onnx."""
    file = _file(start)
    return landmarks_from_onnx(file) if is_folded(start) else load_landmarks(file)


def is_folded(start: str) -> bool:
    """Whether the start's batch norms only add biases, so that they must keep their statistics."""
    return _file(start).suffix == ".onnx"


def _file(start: str) -> Path:
    path = Path(start)
    return path / "landmarks.pt" if path.is_dir() else path
