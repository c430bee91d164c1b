"""Put exported networks and their spec into a model repository, take them back, and reload a running server.

    python export/install.py --weights DIR --model-repository model_repository [--keep 2] [--reload URL]
    python export/install.py --rollback --model-repository model_repository [--reload URL]
    python export/install.py --reload URL --model-repository model_repository
    python export/install.py --verify | --list | --repair | --record --model-repository model_repository

DIR holds any of detector.onnx, encoder.onnx and region_head.onnx (and .plan), and optionally spec.json; what it lacks
stays as the repository has it. Nothing is touched unless configurations, networks and spec agree. Exit code 0; 1 for
a refusal, which changes nothing; 2 for a wrong command line; 3 when the files are in place and the server was not
reloaded.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install import (
    KEEP,
    Installation,
    NotReloaded,
    Target,
    install,
    record,
    reload,
    repair,
    rollback,
    target,
    verify,
    versions,
)
from seamline.exporting.install.opened import AfterInstall
from seamline.exporting.install.transaction import locked

REFUSED, NOT_RELOADED, INTERRUPTED = 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parse(arguments)
    try:
        return _run(options)
    except InstallRefused as refusal:
        print(f"nothing was changed: {refusal}", file=sys.stderr)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"nothing was changed: {error.strerror or error}{where}", file=sys.stderr)
    except NotReloaded as reason:
        print(f"the server was not reloaded, the files are in place: {reason}", file=sys.stderr)
        return NOT_RELOADED
    except KeyboardInterrupt:
        print("interrupted; --list shows what is installed, and --reload finishes a reload", file=sys.stderr)
        return INTERRUPTED
    return REFUSED


def _run(options: argparse.Namespace) -> int:
    repository: Path = options.model_repository
    if options.verify:
        return _verify(repository)
    if options.list:
        return _list(repository)
    if options.repair:
        print("removed what an interrupted installation had left" if repair(repository) else "nothing to repair")
    elif options.record:
        print(f"wrote the manifest of version {record(repository)}")
    elif options.weights or options.rollback:
        _install(options)
    else:
        with locked(repository):
            _reload(options.reload, target(repository))
    return 0


def _install(options: argparse.Namespace) -> None:
    after = _reloading(options.reload, options.model_repository) if options.reload else None
    if options.rollback:
        installed = rollback(options.model_repository, keep=options.keep, after=after)
    else:
        installed = install(options.weights, options.model_repository, keep=options.keep, after=after)
    print(_sentence(installed))
    for note in installed.notes:
        print(f"note: {note}")


def _reloading(url: str, repository: Path) -> AfterInstall:
    return lambda installed: _reload(url, target(repository))


def _reload(url: str, wanted: Target) -> None:
    done = reload(url, wanted)
    before = sorted({version for numbers in done.before.values() for version in numbers})
    print(f"{url} serves version {wanted.version} after {', '.join(map(str, before))}: {done.seconds:.1f} s")


def _sentence(installed: Installation) -> str:
    spec = installed.spec
    weights = f"encoder {spec.fingerprint}, detector {spec.detector_fingerprint}"
    if not installed.changed:
        return f"version {installed.version} already holds this set: {weights}"
    origin = "" if installed.restores is None else f" (the files of version {installed.restores})"
    return f"version {installed.version}{origin}: {weights}"


def _verify(repository: Path) -> int:
    problems = verify(repository)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"all files of {repository} are those of its manifest")
    return REFUSED if problems else 0


def _list(repository: Path) -> int:
    manifest = versions(repository)
    for number, version in sorted(manifest.versions.items()):
        size = sum(file.size for file in version.files.values()) / 1e6
        mark = "*" if number == manifest.current else " "
        origin = "" if version.restores is None else f", the files of version {version.restores}"
        print(
            f"{mark} {number}  {version.installed}  encoder {version.fingerprint}, detector "
            f"{version.detector_fingerprint}  {size:.1f} MB{origin}"
        )
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Install exported networks into a model repository.")
    parser.add_argument("--model-repository", type=Path, required=True, metavar="DIR")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--weights", type=Path, metavar="DIR", help="install what this folder holds")
    action.add_argument("--rollback", action="store_true", help="put the previous version back")
    action.add_argument("--verify", action="store_true", help="check every file against manifest.json")
    action.add_argument("--list", action="store_true", help="show the versions")
    action.add_argument("--repair", action="store_true", help="remove what an interrupted installation has left")
    action.add_argument("--record", action="store_true", help="write manifest.json from the files as they lie")
    parser.add_argument("--keep", type=int, default=KEEP, help=f"how many versions stay (default {KEEP})")
    parser.add_argument(
        "--reload", metavar="HOST:PORT", help="make the server with this gRPC port serve the newest version"
    )
    options = parser.parse_args(arguments)
    if not (options.weights or options.rollback) and options.reload and _action(options):
        parser.error("--reload goes with --weights, with --rollback, or alone")
    if not (options.weights or options.reload or _action(options)):
        parser.error("name one of --weights, --rollback, --reload, --verify, --list, --repair, --record")
    if options.keep < 1:
        parser.error("--keep must be at least 1")
    return options


def _action(options: argparse.Namespace) -> bool:
    return any((options.rollback, options.verify, options.list, options.repair, options.record))


if __name__ == "__main__":
    sys.exit(main())
