"""What is looked at before anything is started; each check raises one error that says what to do."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seamline.local.beside import ensembles_beside, step_owners
from seamline.local.errors import (
    CannotRunHere,
    MissingPackage,
    MissingRepository,
    NoSharedMemory,
    WrongNumpy,
    WrongPlatform,
    WrongPython,
    WrongVariant,
)
from seamline.local.options import LocalOptions
from seamline.local.repository import check_steps, check_versions, check_weights, model_folders, read_config, variants
from seamline.local.triton_wheel import TritonWheel

SHARED_MEMORY = Path("/dev/shm")
_BACKENDS = ("python", "onnxruntime", "ensemble")
_OPEN_FILES = 1024
_NO_NUMPY_1 = (3, 13)
_PACKAGES = ("nvidia-pytriton", "milvus-lite", "pymilvus", "onnxruntime", "tritonclient")


def check(options: LocalOptions) -> None:
    """All checks of this machine, this environment and these repositories, the cheapest first."""
    check_platform(platform.system(), platform.machine())
    check_python(sys.version_info[:2])
    check_packages()
    check_surroundings()
    TritonWheel.find().stub()
    check_interpreter(Path(sys.executable))
    check_numpy(importlib.metadata.version("numpy"))
    check_repositories(options.model_repository, options.ensembles)
    check_variant(options.variant, options.model_repository, options.ensembles)
    check_steps(options.model_repository)
    check_versions(options.model_repository)
    check_weights(options.model_repository, options.variant)
    check_shared_memory(options.shared_memory)


def check_platform(system: str, machine: str) -> None:
    """Raises WrongPlatform unless this is Linux on x86-64, for which alone the wheel is built."""
    if (system, machine) != ("Linux", "x86_64"):
        raise WrongPlatform(
            f"the embedded Triton server runs on x86-64 Linux, and this is {system} on {machine}; "
            "use a Linux machine or container, or point the client at a server elsewhere with SEAMLINE_URL"
        )


def check_python(version: tuple[int, int]) -> None:
    """Raises WrongPython for a Python that has no build of numpy 1, which the wheel's stubs need."""
    if version >= _NO_NUMPY_1:
        raise WrongPython(
            f"the embedded Triton server needs numpy 1, which has no build for Python {version[0]}.{version[1]}; "
            "make the environment with Python 3.11 or 3.12, or name a server elsewhere with SEAMLINE_URL"
        )


def check_packages() -> None:
    """Raises MissingPackage when a distribution of the extra `local` is not installed."""
    for name in _PACKAGES:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise MissingPackage(
                f"the package {name} is not installed here; install it with `pip install 'seamline[local]'`"
            ) from None


def check_interpreter(executable: Path) -> None:
    """Raises WrongPython when the stub could not find this environment.

    The stub looks for packages where the first `python3` on PATH does, which will be the one beside the
    running interpreter.
    """
    if not (executable.parent / "python3").exists():
        raise WrongPython(
            f"there is no `python3` beside {executable}, by which Triton's stubs find this environment; "
            "make a virtual environment with `python -m venv` and install seamline there"
        )


def check_numpy(version: str) -> None:
    """Raises WrongNumpy for numpy 2, with which the wheel's stubs read every input as zeros."""
    if int(version.split(".")[0]) >= 2:
        raise WrongNumpy(
            f"numpy {version} is installed, with which the embedded Triton server silently computes on zeros; "
            "install an older one with `pip install 'numpy<2'`"
        )


def check_repositories(model_repository: Path, ensembles: Path) -> None:
    """Raises MissingRepository when a repository is not there or holds no model."""
    for folder, variable in ((model_repository, "SEAMLINE_MODEL_REPOSITORY"), (ensembles, "SEAMLINE_ENSEMBLES")):
        if not folder.is_dir() or not model_folders(folder):
            raise MissingRepository(
                f"{folder} holds no models; the wheel carries none: name that folder of a checkout of seamline with "
                f"{variable}"
            )


def check_variant(variant: str, *repositories: Path) -> None:
    """Raises WrongVariant for a variant that no model has (Triton would serve the default one without a word), and
    for one whose models need a GPU or a backend that the embedded server does not have."""
    known = variants(repositories)
    if variant not in known:
        raise WrongVariant(f"no model has a variant {variant!r}; there are {', '.join(known)}")
    beside = {name for repository in repositories for name in (*step_owners(repository), *ensembles_beside(repository))}
    folders = [folder for repository in repositories for folder in model_folders(repository)]
    folders = [folder for folder in folders if folder.name not in beside]
    lacking = {need for folder in folders for need in _lacking(read_config(folder, variant))}
    if lacking:
        raise WrongVariant(
            f"the variant {variant!r} needs {' and '.join(sorted(lacking))}, "
            "and the embedded server runs on the CPU alone; serve it from NVIDIA's container as docs/deploy.md says, "
            "or leave the variant out"
        )


def _lacking(config: Any) -> Iterator[str]:
    backend = config.backend or config.platform.removesuffix("_plan")
    if backend not in _BACKENDS:
        yield f"Triton's {backend} backend"
    if any(group.kind == group.KIND_GPU for group in config.instance_group):
        yield "an NVIDIA GPU"


def check_runs_programs(home: Path) -> None:
    """Raises CannotRunHere for a state folder from which no program may be started: Triton's stubs lie there."""
    if os.statvfs(home).f_flag & os.ST_NOEXEC:
        raise CannotRunHere(
            f"the state folder {home} lies on a file system that is mounted with noexec, and Triton starts its stubs "
            "from it; choose another one with SEAMLINE_HOME"
        )


def check_surroundings() -> None:
    """Raises CannotRunHere where Triton could not start its stubs: no bash, or too few open files allowed."""
    if shutil.which("bash", path=os.environ.get("PATH") or os.defpath) is None:
        raise CannotRunHere("Triton starts its stubs with bash, which is not on the PATH; install it, or mend the PATH")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < _OPEN_FILES:
        raise CannotRunHere(
            f"this user's processes may open {most} files, and the server needs {_OPEN_FILES}; raise the limit "
            f"(`ulimit -Hn`, LimitNOFILE= of a service, `--ulimit nofile={_OPEN_FILES}` of a container)"
        )


def raise_open_files() -> None:
    """Let this process and its children open as many files as the server needs, within the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, hard))


def check_shared_memory(needed: int, folder: Path = SHARED_MEMORY) -> None:
    """Raises NoSharedMemory when `folder` has less than `needed` bytes free."""
    try:
        stats = os.statvfs(folder)
    except OSError as error:
        raise NoSharedMemory(
            f"{folder} cannot be used ({error.strerror}), and Triton exchanges photos there; mount a tmpfs on it, or "
            "start the container with `--shm-size=1g`"
        ) from None
    free = stats.f_bavail * stats.f_frsize
    if free < needed:
        raise NoSharedMemory(
            f"{folder} has {free // 2**20} MB free and Triton needs {needed // 2**20} MB there; remove old files, "
            "or give the container more with `--shm-size=1g`"
        )
