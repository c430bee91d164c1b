"""Where a set of weights lies: a model repository, or a folder that export wrote."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

from seamline.core.errors import BadOption
from seamline.core.spec import Spec

_NETWORKS = ("detector", "encoder", "region_head")


@dataclasses.dataclass(frozen=True)
class Weights:
    """The three networks' files and the numbers that come with them."""

    detector: Path
    encoder: Path
    region_head: Path
    spec: Spec

    @classmethod
    def of_repository(cls, repository: Path) -> Weights:
        """The newest set of a model repository.

        Raises BadOption where a step is missing, or the steps' newest versions are not one set.
        """
        folders = {name: newest(repository, name) for name in (*_NETWORKS, "region_pool")}
        if len({folder.name for folder in folders.values()}) > 1:
            raise BadOption(f"{repository} is half installed; run export/install.py with --repair")
        networks = {name: folders[name] / "model.onnx" for name in _NETWORKS}
        return cls(**networks, spec=Spec.load(folders["region_pool"] / "spec.json"))

    @classmethod
    def of_folder(cls, folder: Path, repository: Path) -> Weights:
        """`encoder.onnx`, `region_head.onnx`, `spec.json` and perhaps `detector.onnx` of a folder.

        The detector of the repository, with its numbers, serves where the folder has none, so that the same garments
        are compared. Raises BadOption for a file that is missing.
        """
        for name in ("encoder.onnx", "region_head.onnx", "spec.json"):
            if not (folder / name).is_file():
                raise BadOption(f"{folder} has no {name}; name a folder that export/to_onnx.py wrote")
        spec, own = Spec.load(folder / "spec.json"), folder / "detector.onnx"
        networks = folder / "encoder.onnx", folder / "region_head.onnx"
        if own.is_file():
            return cls(own, *networks, spec)
        other = cls.of_repository(repository)
        return cls(other.detector, *networks, other.with_own_detector(spec))

    def with_own_detector(self, spec: Spec) -> Spec:
        """A spec whose garments are found by these weights' detector, with its numbers."""
        own = self.spec
        return dataclasses.replace(spec, detector=own.detector, detector_fingerprint=own.detector_fingerprint)

    def detection_key(self) -> str:
        """Names what determines which garments are found and how they are cropped."""
        numbers = dataclasses.asdict(self.spec)
        parts = [json.dumps(numbers[key], sort_keys=True) for key in ("photo", "detector", "crop")]
        return _digest([self.detector.read_bytes(), *(part.encode() for part in parts)])

    def vector_key(self) -> str:
        """Names what determines the vectors of a crop."""
        return _digest([self.encoder.read_bytes(), self.region_head.read_bytes(), self.spec.vector_numbers().encode()])


def newest(repository: Path, step: str) -> Path:
    """The folder of a step's newest version. Raises BadOption where there is none."""
    folder = repository / step
    versions = [path for path in folder.iterdir() if path.name.isdigit()] if folder.is_dir() else []
    if not versions:
        raise BadOption(f"{repository} has no step {step!r}; name a model repository")
    return max(versions, key=lambda path: int(path.name))


def _digest(parts: list[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]
