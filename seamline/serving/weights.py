"""Where a set of weights lies: a model repository, or a folder that export wrote."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.core.errors import BadOption
from seamline.core.spec import Spec
from seamline.systems import DEFAULT, system_named

if TYPE_CHECKING:
    from seamline.serving.local_pipeline import CropEmbedder, Detector, LocalPipeline


@dataclasses.dataclass(frozen=True)
class Weights:
    """The files of the detector and of a system's networks, by name, and the numbers that come with them."""

    detector: Path
    networks: Mapping[str, Path]
    spec: Spec

    @classmethod
    def of_repository(cls, repository: Path, system: str = DEFAULT) -> Weights:
        """The newest set of a system in a model repository.

        Raises BadOption where a step is missing, or the steps' newest versions are not one set.
        """
        steps = system_named(system).steps
        folders = {step.name: newest(repository, step.name) for step in steps}
        if len({folder.name for folder in folders.values()}) > 1:
            raise BadOption(f"{repository} is half installed; run export/install.py with --repair")
        networks = {step.network: folders[step.name] / "model.onnx" for step in steps if step.network}
        spec = Spec.load(folders[steps[0].name] / "spec.json")
        return cls(newest(repository, "detector") / "model.onnx", networks, spec)

    @classmethod
    def of_folder(cls, folder: Path, repository: Path) -> Weights:
        """The system's networks, `spec.json` and perhaps `detector.onnx` of a folder.

        The detector of the repository, with its numbers, serves where the folder has none, so that the same garments
        are compared. Raises BadOption for a file that is missing.
        """
        spec, own = Spec.load(_existing(folder, "spec.json")), folder / "detector.onnx"
        steps = system_named(spec.system).steps
        networks = {step.network: _existing(folder, f"{step.network}.onnx") for step in steps if step.network}
        if own.is_file():
            return cls(own, networks, spec)
        other = cls.of_repository(repository)
        return cls(other.detector, networks, other.with_own_detector(spec))

    def open_detector(self, threads: int) -> Detector:
        """What finds garments, ready to run."""
        from seamline.serving.local_pipeline import Detector  # needs onnxruntime, which naming files does not

        return Detector(self.detector, self.spec, threads)

    def open_embedder(self, threads: int) -> CropEmbedder:
        """The system's networks, ready to run."""
        from seamline.serving.onnx_network import OnnxNetwork

        networks = {name: OnnxNetwork(file, threads) for name, file in self.networks.items()}
        return system_named(self.spec.system).embedder(networks, self.spec)

    def open_pipeline(self, threads: int) -> LocalPipeline:
        """The whole path from a photo's bytes to vectors."""
        from seamline.serving.local_pipeline import LocalPipeline

        return LocalPipeline(self.open_detector(threads), self.open_embedder(threads))

    def with_own_detector(self, spec: Spec) -> Spec:
        """A spec whose garments are found by these weights' detector, with its numbers."""
        own = self.spec
        return dataclasses.replace(spec, detector=own.detector, detector_fingerprint=own.detector_fingerprint)

    @property
    def files(self) -> Mapping[str, Path]:
        """All networks by name, the detector's too."""
        return {"detector": self.detector, **self.networks}

    def with_network(self, name: str, file: Path) -> Weights:
        """The same with one network in another file."""
        if name == "detector":
            return dataclasses.replace(self, detector=file)
        return dataclasses.replace(self, networks={**self.networks, name: file})

    def detection_key(self) -> str:
        """Names what determines which garments are found and how they are cropped."""
        numbers = dataclasses.asdict(self.spec)
        parts = [json.dumps(numbers[key], sort_keys=True) for key in ("photo", "detector", "crop")]
        return _digest([self.detector.read_bytes(), *(part.encode() for part in parts)])

    def vector_key(self) -> str:
        """Names what determines the vectors of a crop."""
        files = (path.read_bytes() for path in self.networks.values())
        return _digest([*files, self.spec.vector_numbers().encode()])


def _existing(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise BadOption(f"{folder} has no {name}; name a folder that export/to_onnx.py wrote")
    return folder / name


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
