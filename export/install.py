"""Put exported networks and their spec into a model repository, take them back, and reload a running server.

    python export/install.py --weights DIR [--system NAME] --model-repository model_repository [--keep 2] [--reload URL]
    python export/install.py --rollback | --remove [--system NAME] --model-repository model_repository [--reload URL]
    python export/install.py --reload URL [--system NAME] --model-repository model_repository
    python export/install.py --verify | --list | --repair | --record [--system NAME] --model-repository model_repository

DIR holds networks of one system (and detector.onnx, and .plan), and spec.json, which names the system; what it lacks
stays as the repository has it. A system beside the default one is served beside it: with its first version its steps
and its ensembles embed_NAME and search_NAME are written, and they go with its last one. Nothing is touched unless
configurations, networks and spec agree. Exit code 0; 1 for a refusal, which changes nothing; 2 for a wrong command
line; 3 when the files are in place and the server was not reloaded.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seamline.core.streams import run_program
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install import (
    KEEP,
    Installation,
    NotReloaded,
    Target,
    install,
    installed,
    record,
    reload,
    remove,
    repair,
    rollback,
    target,
    unload,
    verify,
    versions,
)
from seamline.exporting.install.opened import AfterInstall
from seamline.exporting.install.transaction import locked
from seamline.systems import DEFAULT, SYSTEMS

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
    system: str = options.system or DEFAULT
    if options.verify:
        return _verify(repository, options.system)
    if options.list:
        return _list(repository, options.system)
    if options.repair:
        print("removed what an interrupted installation had left" if repair(repository) else "nothing to repair")
    elif options.record:
        print(f"wrote the manifest of version {record(repository, system=system)} of {system}")
    elif options.remove:
        _remove(options, system)
    elif options.weights or options.rollback:
        _install(options, system)
    else:
        with locked(repository):
            _reload(options.reload, target(repository, system))
    return 0


def _install(options: argparse.Namespace, system: str) -> None:
    repository: Path = options.model_repository
    after = _reloading(options.reload, repository) if options.reload else None
    if options.weights:
        done: Installation | None = install(
            options.weights, repository, system=options.system, keep=options.keep, after=after
        )
    elif system != DEFAULT and versions(repository, system).is_first:
        _remove(options, system)
        return
    else:
        done = rollback(repository, system=system, keep=options.keep, after=after)
    if done is not None:
        print(_sentence(done))
        for note in done.notes:
            print(f"note: {note}")


def _remove(options: argparse.Namespace, system: str) -> None:
    """The server goes first, so that it never serves what is not there."""
    if options.reload and system != DEFAULT:
        unload(options.reload, target(options.model_repository, system))
    remove(options.model_repository, system)
    print(f"{system} is not installed any more")


def _reloading(url: str, repository: Path) -> AfterInstall:
    return lambda done: _reload(url, target(repository, done.spec.system))


def _reload(url: str, wanted: Target) -> None:
    done = reload(url, wanted)
    before = sorted({version for numbers in done.before.values() for version in numbers})
    after = f" after {', '.join(map(str, before))}" if before else ""
    print(f"{url} serves version {wanted.version}{_of(wanted.system)}{after}: {done.seconds:.1f} s")


def _of(system: str) -> str:
    return "" if system == DEFAULT else f" of {system}"


def _sentence(done: Installation) -> str:
    spec = done.spec
    weights, version = f"vectors {spec.fingerprint}, detector {spec.detector_fingerprint}", f"version {done.version}"
    if not done.changed:
        return f"{version}{_of(spec.system)} already holds this set: {weights}"
    origin = "" if done.restores is None else f" (the files of version {done.restores})"
    return f"{version}{_of(spec.system)}{origin}: {weights}"


def _verify(repository: Path, system: str | None) -> int:
    problems = verify(repository, system)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"all files of {repository} are those of its manifest")
    return REFUSED if problems else 0


def _list(repository: Path, system: str | None) -> int:
    for name in installed(repository) if system is None else [system]:
        history = versions(repository, name)
        print(name)
        for number, version in sorted(history.versions.items()):
            size = sum(file.size for file in version.files.values()) / 1e6
            mark = "*" if number == history.current else " "
            origin = "" if version.restores is None else f", the files of version {version.restores}"
            print(
                f"{mark} {number}  {version.installed}  vectors {version.fingerprint}, detector "
                f"{version.detector_fingerprint}  {size:.1f} MB{origin}"
            )
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Install exported networks into a model repository.")
    parser.add_argument("--model-repository", type=Path, required=True, metavar="DIR")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--weights", type=Path, metavar="DIR", help="install what this folder holds")
    action.add_argument("--rollback", action="store_true", help="put the previous version back")
    action.add_argument("--remove", action="store_true", help="take a system beside the default one away")
    action.add_argument("--verify", action="store_true", help="check every file against manifest.json")
    action.add_argument("--list", action="store_true", help="show the versions")
    action.add_argument("--repair", action="store_true", help="remove what an interrupted installation has left")
    action.add_argument("--record", action="store_true", help="write manifest.json from the files as they lie")
    parser.add_argument(
        "--system", choices=list(SYSTEMS), metavar="NAME",
        help=f"whose weights (default: as spec.json of --weights says, else {DEFAULT}; --verify and --list: all)",
    )  # fmt: skip
    parser.add_argument("--keep", type=int, default=KEEP, help=f"how many versions stay (default {KEEP})")
    parser.add_argument(
        "--reload", metavar="HOST:PORT", help="make the server with this gRPC port serve the newest version"
    )
    options = parser.parse_args(arguments)
    if not (options.weights or options.rollback or options.remove) and options.reload and _action(options):
        parser.error("--reload goes with --weights, --rollback or --remove, or alone")
    if not (options.weights or options.reload or _action(options)):
        parser.error("name one of --weights, --rollback, --remove, --reload, --verify, --list, --repair, --record")
    if options.keep < 1:
        parser.error("--keep must be at least 1")
    return options


def _action(options: argparse.Namespace) -> bool:
    return any((options.rollback, options.remove, options.verify, options.list, options.repair, options.record))


if __name__ == "__main__":
    run_program(main)
