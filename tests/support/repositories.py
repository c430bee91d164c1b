"""Both repositories as Triton's own protobuf reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as pb

ROOT = Path(__file__).parents[2]
MODEL_REPOSITORY = ROOT / "model_repository"
ENSEMBLES = ROOT / "ensembles"


def read_config(path: Path) -> pb.ModelConfig:
    """A config.pbtxt; a misspelt field is an error here as it is in Triton."""
    return text_format.Parse(path.read_text(encoding="utf-8"), pb.ModelConfig())


def configs(folder: Path) -> dict[str, pb.ModelConfig]:
    """Model name -> config of every model of a repository."""
    return {path.parent.name: read_config(path) for path in sorted(folder.glob("*/config.pbtxt"))}


def all_configs() -> dict[str, pb.ModelConfig]:
    """Model name -> config of both repositories."""
    return configs(MODEL_REPOSITORY) | configs(ENSEMBLES)


def variants(folder: Path) -> Iterator[Path]:
    """Every configuration file, the alternatives under configs/ included."""
    yield from sorted(folder.glob("*/config.pbtxt"))
    yield from sorted(folder.glob("*/configs/*.pbtxt"))
