"""Sets of weights in a model repository: installed whole or not at all, kept for going back, reloaded without a pause.

    installed = install(Path("weights"), Path("model_repository"))       # version N + 1 of every step of a system
    rollback(Path("model_repository"))                                   # the previous set, as version N + 2
    verify(Path("model_repository"))                                     # [] or a sentence for each wrong file
    reload("127.0.0.1:8001", target(Path("model_repository")))           # the running server takes the newest version

A version number is a set of weights of a system; Triton's default version policy serves the newest one.
"""

from __future__ import annotations

from pathlib import Path

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.errors import LoadRefused, NotReloaded
from seamline.exporting.install.manifest import History, Manifest, Record, Version
from seamline.exporting.install.opened import Installation
from seamline.exporting.install.operations import (
    KEEP,
    install,
    installed,
    record,
    remove,
    repair,
    rollback,
    verify,
    versions,
)
from seamline.exporting.install.reload import Reloaded, Target, reload, unload
from seamline.exporting.install.repository import read_steps
from seamline.systems import DEFAULT

__all__ = [
    "KEEP",
    "History",
    "InstallRefused",
    "Installation",
    "LoadRefused",
    "Manifest",
    "NotReloaded",
    "Record",
    "Reloaded",
    "Target",
    "Version",
    "install",
    "installed",
    "record",
    "reload",
    "remove",
    "repair",
    "rollback",
    "target",
    "unload",
    "verify",
    "versions",
]


def target(repository: Path, system: str = DEFAULT) -> Target:
    """What a server of this repository should serve of a system by the manifest. Raises InstallRefused where it holds
    no version of it."""
    history = versions(repository, system)
    version = history.versions[history.current]
    names = [step.name for step in read_steps(repository, system)]
    return Target(history.current, names, version.fingerprint, version.detector_fingerprint, system)
