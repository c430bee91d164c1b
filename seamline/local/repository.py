"""Reading model repositories the way Triton does: config.pbtxt through the real protobuf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seamline.local.errors import ConfigMismatch, MissingWeights

_WEIGHTS = {"onnxruntime": "model.onnx"}


def model_folders(repository: Path) -> list[Path]:
    """The folders of `repository` that hold a model, by name."""
    return sorted(path.parent for path in repository.glob("*/config.pbtxt"))


def read_config(folder: Path) -> Any:
    """The `ModelConfig` message of a model folder; raises ConfigMismatch when it cannot be read."""
    # Imported here: Triton's stubs import this package too, and should not wait for gRPC.
    from google.protobuf import text_format  # type: ignore[import-untyped, unused-ignore]
    from tritonclient.grpc import model_config_pb2

    try:
        return text_format.Parse((folder / "config.pbtxt").read_text(encoding="utf-8"), model_config_pb2.ModelConfig())
    except text_format.ParseError as error:
        raise ConfigMismatch(f"{folder / 'config.pbtxt'} cannot be read: {error}") from None


def check_weights(repository: Path) -> None:
    """Raises MissingWeights when a version folder of an ONNX model has no file with the network."""
    for folder in model_folders(repository):
        config = read_config(folder)
        name = config.default_model_filename or _WEIGHTS.get(config.backend)
        if name is None or config.backend not in _WEIGHTS:
            continue
        versions = [path for path in folder.iterdir() if path.is_dir() and path.name.isdigit()]
        missing = [path / name for path in versions or [folder / "1"] if not _has_content(path / name)]
        if missing:
            raise MissingWeights(
                f"the weights {missing[0]} are missing; restore the file with git, "
                "or make it with `make weights PHOTOS=folder`"
            )


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0
