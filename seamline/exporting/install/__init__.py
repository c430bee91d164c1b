"""Sets of weights in a model repository: installed whole or not at all, kept for going back, reloaded without a pause.

    installed = install(Path("weights"), Path("model_repository"))       # version N + 1 of every step
    rollback(Path("model_repository"))                                   # the previous set, as version N + 2
    verify(Path("model_repository"))                                     # [] or a sentence for each wrong file
    reload("127.0.0.1:8001", target(Path("model_repository")))           # the running server takes the newest version

A version number is a set of weights; Triton's default version policy serves the newest one.
"""

from __future__ import annotations

from pathlib import Path

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.errors import LoadRefused, NotReloaded
from seamline.exporting.install.manifest import Manifest, Record, Version
from seamline.exporting.install.opened import Installation
from seamline.exporting.install.operations import (
    KEEP,
    install,
    record,
    repair,
    rollback,
    verify,
    versions,
)
from seamline.exporting.install.reload import Reloaded, Target, reload
from seamline.exporting.install.repository import read_steps

__all__ = [
    "KEEP",
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
    "record",
    "reload",
    "repair",
    "rollback",
    "target",
    "verify",
    "versions",
]


def target(repository: Path) -> Target:
    """What a server of this repository should serve by its manifest. Raises InstallRefused where there is none."""
    manifest = versions(repository)
    version = manifest.versions[manifest.current]
    names = [step.name for step in read_steps(repository)]
    return Target(manifest.current, names, version.fingerprint, version.detector_fingerprint)
