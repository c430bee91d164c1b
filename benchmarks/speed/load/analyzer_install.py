"""perf_analyzer, NVIDIA's load generator for Triton, from its wheel into a folder of its own.

The wheel pins packages that the project has in other versions, so it stays apart from the project's environment. The
programs need two shared libraries: CUDA's runtime, which is a wheel too, and Debian's libb64.
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.speed.load.backend import LoadError

VERSION = "2.50.0"
_WHEELS = Path(__file__).with_name("perf_analyzer.txt")
_LIBRARY, _PACKAGE = "libb64.so.0d", "libb64-0d"


@dataclasses.dataclass(frozen=True)
class Installed:
    """The program, and the environment in which it starts."""

    program: Path
    libraries: tuple[Path, ...]

    def environment(self) -> Mapping[str, str]:
        """This process's environment with the program's libraries."""
        known = os.environ.get("LD_LIBRARY_PATH", "")
        return os.environ | {"LD_LIBRARY_PATH": os.pathsep.join([*map(str, self.libraries), *filter(None, [known])])}


def default_folder() -> Path:
    """SEAMLINE_PERF_ANALYZER, or a folder below ~/.cache."""
    named = os.environ.get("SEAMLINE_PERF_ANALYZER")
    return Path(named) if named else Path.home() / ".cache" / "seamline" / f"perf_analyzer-{VERSION}"


def installed(folder: Path) -> Installed:
    """perf_analyzer in `folder`, which is filled when it is missing.

    The wheels are checked against the digests in perf_analyzer.txt. Raises LoadError where it cannot be had.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise LoadError("perf_analyzer's wheel is for x86-64 Linux only; measure on such a machine")
    if not folder.is_dir():
        _fill(folder)
    found = Installed(
        folder / "bin" / "perf_analyzer", (folder / "nvidia" / "cuda_runtime" / "lib", *_library_folders(folder))
    )
    _check(found, folder)
    return found


def _library_folders(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted({file.parent for file in (folder / "debian").rglob(_LIBRARY)}))


def _check(found: Installed, folder: Path) -> None:
    try:
        _run([str(found.program), "--version"], environment=found.environment())
    except LoadError as error:
        raise LoadError(
            f"perf_analyzer in {folder} does not start; remove that folder and try again ({error})"
        ) from None


def _fill(folder: Path) -> None:
    """All or nothing: an interrupted installation leaves no folder of that name."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as work:
        filled = Path(work, "filled")
        _install_wheels(filled)
        if not _on_this_machine(_LIBRARY):
            _unpack_library(filled / "debian", Path(work))
        filled.rename(folder)


def _install_wheels(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--require-hashes", "--target", str(folder), "-r", str(_WHEELS)])


def _on_this_machine(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _unpack_library(target: Path, work: Path) -> None:
    """apt's own download is checked against the distribution's signatures, and needs no root."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise LoadError(f"perf_analyzer needs {_LIBRARY}; install it (on Debian and Ubuntu the package {_PACKAGE})")
    try:
        _run(["apt-get", "download", "--quiet", _PACKAGE], folder=work)
    except LoadError as error:
        raise LoadError(
            f"the package {_PACKAGE} could not be fetched; run `apt-get update`, or install it ({error})"
        ) from None
    (package,) = work.glob(f"{_PACKAGE}_*.deb")
    _run(["dpkg-deb", "-x", str(package), str(target)])


def _run(command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise LoadError(f"`{command[0]}` cannot be run: {error.strerror}") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise LoadError(f"`{Path(command[0]).name}` ended with {done.returncode}: {said}")
