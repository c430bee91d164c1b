"""The main job from nothing: start the server, index a catalogue, search, compare, write the evidence page, stop.

    python clients/demo.py [--photos FOLDER] [--out demo] [--garments 240]

Without `--photos` the catalogue is drawn: originals, copies of some of them with one or two regions redesigned, and
look-alikes; every copied original is then searched for. Every other step is the `seamline` command that a user would
type; the commands are printed as they run.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from seamline.catalogue import photos_below
from seamline.cli.exits import NOTHING
from seamline.client import Client
from seamline.core.streams import run_program

PROGRAM = Path(sys.executable).with_name("seamline")


@dataclasses.dataclass(frozen=True)
class Pair:
    """A photo to search for, and another to compare it with."""

    query: Path
    other: Path


class CommandFailed(Exception):
    """A command ended with the exit code `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


def main() -> int:
    """Run the demo; the exit code of the first command that failed, or 0."""
    options = _options()
    start = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ["SEAMLINE_HOME"] = str((options.out / "server").resolve())
    catalogue = options.photos or _drawn(options.out / "catalogue", options.garments)
    page = options.out / "evidence.html"
    try:
        _show(catalogue, "photos" if options.photos else "drawn", page)
    except CommandFailed as failure:
        return failure.code
    finally:
        _run("down")
    print(f"\nThe evidence page: {page.resolve()}\nDone in {time.monotonic() - start:.0f} s.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path, help="index this folder of photos instead of drawing a catalogue")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for everything that the demo writes")
    parser.add_argument("--garments", type=int, default=240, help="how many garments to draw")
    return parser.parse_args()


def _show(catalogue: Path, name: str, page: Path) -> None:
    _seamline("up")
    _seamline("index", str(catalogue), "--collection", name)
    manifest = catalogue / "manifest.json"
    pair = _copied(manifest, name) if name == "drawn" else _first_two(catalogue)
    _seamline("search", str(pair.query), "--collection", name, "--top-k", "5", "--report", str(page))
    _seamline("compare", str(pair.query), str(pair.other))


def _seamline(command: str, *arguments: str) -> None:
    """Run a command. That a photo shows no garment, or has no hit, is an answer like others."""
    code = _run(command, *arguments)
    if code and not (command in ("search", "compare") and code == NOTHING):
        raise CommandFailed(code)


def _run(command: str, *arguments: str) -> int:
    print(f"\n$ seamline {' '.join((command, *arguments))}", flush=True)
    return subprocess.run([str(PROGRAM), command, *arguments], check=False).returncode


def _drawn(folder: Path, garments: int) -> Path:
    """Draw the catalogue, unless an earlier run did."""
    command = [sys.executable, "-m", "seamline.synthetic", str(folder), "--garments", str(garments), "--seed", "0"]
    if not (folder / "manifest.json").exists():
        subprocess.run(command, check=True)
    return folder


def _copied(manifest: Path, collection: str) -> Pair:
    """Search for every copied original, say how many copies were found, and pick one of them to look at."""
    garments = json.loads(manifest.read_text(encoding="utf-8"))["garments"]
    files = {entry["id"]: entry["file"] for entry in garments}
    copies = [entry for entry in garments if entry["copy_of"]]
    with Client() as client:
        ranks = [_rank(client, manifest.parent / files[copy["copy_of"]], copy["file"], collection) for copy in copies]
    first, five = sum(rank == 1 for rank in ranks), sum(rank <= 5 for rank in ranks)
    print(f"\nSearched for the {len(copies)} originals that were copied: the copy comes first, right after the")
    print(f"original's own photo, for {first} of them, and within five for {five}.")
    found = [copy for copy, rank in zip(copies, ranks, strict=True) if rank == 1 and copy["changed_regions"]]
    chosen = next((copy for copy in found if "top" in copy["category"]), (found or copies)[0])
    return Pair(manifest.parent / files[chosen["copy_of"]], manifest.parent / chosen["file"])


def _rank(client: Client, query: Path, copy: str, collection: str) -> int:
    """Place of the copy among the other photos' hits; beyond all of them when it is not found."""
    hits = client.search(query, collection=collection, top_k=20).hits
    others = [hit.item for hit in hits if hit.item != query.name]
    return others.index(copy) + 1 if copy in others else sys.maxsize


def _first_two(photos: Path) -> Pair:
    found = list(itertools.islice(photos_below(photos), 2))
    if len(found) < 2:
        print(f"{photos} holds {len(found)} photos (.jpg, .png, .webp); the demo needs at least two", file=sys.stderr)
        raise CommandFailed(2)
    return Pair(*found)


if __name__ == "__main__":
    run_program(main)
