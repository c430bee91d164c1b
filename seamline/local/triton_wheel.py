"""The parts of the `nvidia-pytriton` wheel, of which only the Triton server inside is used."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from seamline.local.errors import MissingPackage, WrongPython

STUB = "triton_python_backend_stub"
_BACKEND = Path(__file__).parent / "backends" / "onnxruntime" / "model.py"


@dataclass(frozen=True)
class TritonWheel:
    """Where the wheel's files lie."""

    server: Path
    libraries: Path
    python_backend: Path
    stubs: Path

    @classmethod
    def find(cls) -> TritonWheel:
        """Raises MissingPackage when the wheel is not installed."""
        # The package is located, not imported: importing it starts threads and patches logging.
        spec = importlib.util.find_spec("pytriton")
        if spec is None or spec.origin is None:
            raise MissingPackage(
                "the Triton server is not installed here; install it with `pip install 'seamline[local]'`"
            )
        package = Path(spec.origin).parent
        triton = package / "tritonserver"
        return cls(
            server=triton / "bin" / "tritonserver",
            libraries=package.parent / "nvidia_pytriton.libs",
            python_backend=triton / "backends" / "python",
            stubs=triton / "python_backend_stubs",
        )

    def stub(self, version: tuple[int, int] = sys.version_info[:2]) -> Path:
        """The stub for a Python version; raises WrongPython when the wheel has none."""
        path = self.stubs / f"{version[0]}.{version[1]}" / STUB
        if not path.is_file():
            have = sorted((int(minor) for _, _, minor in (p.name.partition(".") for p in self.stubs.iterdir())))
            raise WrongPython(
                f"the Triton server has no stub for Python {version[0]}.{version[1]}; "
                f"make the environment with one of Python {', '.join(f'3.{minor}' for minor in have)}"
            )
        return path


def build_backends(wheel: TritonWheel, folder: Path) -> None:
    """Makes `folder` a backend directory: the wheel's python backend and our onnxruntime one.

    Files are copied, because Triton refuses a backend library that is a link out of its folder.
    """
    for source in (
        wheel.python_backend / "libtriton_python.so",
        wheel.python_backend / "triton_python_backend_utils.py",
        wheel.stub(),
    ):
        _copy(source, folder / "python" / source.name)
    _copy(_BACKEND, folder / "onnxruntime" / "model.py")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".new")
    shutil.copy(source, partial)
    partial.replace(target)
