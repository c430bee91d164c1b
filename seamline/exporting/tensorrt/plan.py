"""`model.plan` and what it was made by, in `model.plan.json` beside it.

A plan runs on the version and the architecture that it was built for, unless it was built to be more compatible. Only
TensorRT can tell, and it tells little; the metadata says what to do before TensorRT is asked.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

from seamline.exporting.errors import ExportError
from seamline.exporting.tensorrt.build import BuildOptions, BuiltEngine
from seamline.exporting.tensorrt.device import CudaDevice
from seamline.exporting.tensorrt.files import write_bytes, write_text
from seamline.exporting.tensorrt.network import Network
from seamline.exporting.tensorrt.precision import PRECISIONS, Precision
from seamline.exporting.tensorrt.trt_variant import TrtVariant

FILE = "model.plan"

_ACROSS = ((8, 10), (10, 11))
"""Major versions of builder and reader between which NVIDIA keeps version-compatible plans readable."""


@dataclasses.dataclass(frozen=True)
class PlanMetadata:
    """What a plan was built by and for. Hashes are SHA-256; `target` like `SM89`; `hardware`: see `build.HARDWARE`."""

    plan: str
    onnx: str
    builder: str
    version: str
    target: str
    gpu: str
    precision: Precision
    profile: str
    version_compatible: bool
    hardware: str

    def check_readable(self, version: str, target: str) -> None:
        """Raises ExportError where this version or this architecture does not run the plan."""
        if not self._reads(version):
            raise ExportError(
                f"the plan was built by {self.builder} {self.version} and this is {version}; build it again here, or "
                "there with --version-compatible"
            )
        if not self._runs(target):
            raise ExportError(
                f"the plan was built for {self.target} ({self.gpu}) and this GPU is {target}; build it again here, or "
                "there with --hardware-compatible"
            )

    def _reads(self, version: str) -> bool:
        if version == self.version:
            return True
        here, there = _numbers(version), _numbers(self.version)
        majors = (there[0], here[0])
        return self.version_compatible and here >= there and (majors in _ACROSS or majors[0] == majors[1])

    def _runs(self, target: str) -> bool:
        if target == self.target or self.hardware == "same-capability":
            return target == self.target
        return self.hardware == "ampere-plus" and int(target[2:]) >= 80 and int(self.target[2:]) >= 80


def digest(data: bytes) -> str:
    """The SHA-256 of a file's content."""
    return hashlib.sha256(data).hexdigest()


def metadata_of(
    variant: TrtVariant,
    device: CudaDevice,
    network: Network,
    built: BuiltEngine,
    options: BuildOptions,
    precision: Precision,
) -> PlanMetadata:
    """What is to be remembered of a plan that was built just now."""
    return PlanMetadata(
        plan=digest(built.plan), onnx=digest(network.source.read_bytes()), builder=variant.name,
        version=variant.version, target=str(device.target), gpu=device.name, precision=precision,
        profile=str(options.profile), version_compatible=options.version_compatible, hardware=options.hardware,
    )  # fmt: skip


def write(folder: Path, plan: bytes, metadata: PlanMetadata) -> Path:
    """Put the plan and its metadata into a folder, each as a whole. Raises ExportError where they cannot be written."""
    path = folder / FILE
    write_text(_metadata_file(path), json.dumps(dataclasses.asdict(metadata), indent=2) + "\n")
    return write_bytes(path, plan)


def read(path: Path) -> tuple[bytes, PlanMetadata]:
    """A plan and its metadata. Raises ExportError where one is missing or they do not belong together."""
    beside = _metadata_file(path)
    if not path.is_file() or not beside.is_file():
        raise ExportError(f"{path} and {beside.name} are not both there; build the plan with export/to_trt.py")
    try:
        metadata = PlanMetadata(**json.loads(beside.read_text(encoding="utf-8")))
        PRECISIONS.index(metadata.precision)
    except (TypeError, ValueError) as error:
        raise ExportError(f"{beside} holds no metadata of export/to_trt.py; build the plan again") from error
    plan = path.read_bytes()
    if digest(plan) != metadata.plan:
        raise ExportError(f"{path} is not the file that {beside.name} describes; build the plan again")
    return plan, metadata


def _metadata_file(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
