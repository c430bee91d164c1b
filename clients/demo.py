"""The main job from nothing: start the server, index a catalogue, search, compare, write the evidence page, stop.

    python clients/demo.py [--photos FOLDER] [--out demo] [--garments 240]

Without `--photos` the catalogue is drawn: originals, copies of some of them with one or two regions redesigned, and
look-alikes; every copied original is then searched for, and what some drawn people wear, who get a page of evidence of
their own. Every other step is the `seamline` command that a user would
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
from typing import Any

import numpy as np

from seamline.catalogue import photos_below
from seamline.cli.exits import NOTHING
from seamline.client import Client
from seamline.core.detections import intersection_over_union
from seamline.core.streams import run_program

PROGRAM = Path(sys.executable).with_name("seamline")
NOT_FOUND = sys.maxsize
LIKELY = 0.5
"""Copy probability above which a hit is called a copy."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """A photo to search for, and another to compare it with."""

    query: Path
    other: Path


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Folders: of the garments that are indexed, and of people who wear copies of some."""

    catalogue: Path
    people: Path


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
    drawn = None if options.photos else _drawn(options.out, options.garments)
    pages = [options.out / "evidence.html"]
    try:
        if drawn is None:
            _show_photos(options.photos, pages[0])
        else:
            pages.append(options.out / "evidence-worn.html")
            _show_drawn(drawn, pages)
    except CommandFailed as failure:
        return failure.code
    finally:
        _run("down")
    print()
    for page in pages:
        print(f"Evidence page: {page.resolve()}")
    print(f"Done in {time.monotonic() - start:.0f} s.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path, help="index this folder of photos instead of drawing a catalogue")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for everything that the demo writes")
    parser.add_argument("--garments", type=int, default=240, help="how many garments to draw")
    return parser.parse_args()


def _show_photos(photos: Path, page: Path) -> None:
    _seamline("up")
    _seamline("index", str(photos), "--collection", "photos")
    _show_pair(_first_two(photos), "photos", page)


def _show_drawn(drawn: Drawn, pages: list[Path]) -> None:
    _seamline("up")
    _seamline("index", str(drawn.catalogue), "--collection", "drawn")
    with Client() as client:
        pair = _copied(drawn.catalogue / "manifest.json", client)
        _show_pair(pair, "drawn", pages[0])
        person = _worn(drawn.people / "people.json", client)
    _seamline("search", str(person), "--collection", "drawn", "--top-k", "5", "--report", str(pages[1]))


def _show_pair(pair: Pair, name: str, page: Path) -> None:
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


def _drawn(folder: Path, garments: int) -> Drawn:
    """Draw the catalogue and the people, unless an earlier run did."""
    drawn = Drawn(folder / "catalogue", folder / "people")
    options = ["--people", str(drawn.people), "--garments", str(garments), "--seed", "0"]
    if not (drawn.people / "people.json").exists():
        subprocess.run([sys.executable, "-m", "seamline.synthetic", str(drawn.catalogue), *options], check=True)
    return drawn


def _copied(manifest: Path, client: Client) -> Pair:
    """Search for every copied original, say how many copies were found, and pick one of them to look at."""
    garments = json.loads(manifest.read_text(encoding="utf-8"))["garments"]
    files = {entry["id"]: entry["file"] for entry in garments}
    copies = [entry for entry in garments if entry["copy_of"]]
    ranks = [_rank(client, manifest.parent / files[copy["copy_of"]], copy["file"]) for copy in copies]
    first, five = sum(rank == 1 for rank in ranks), sum(rank <= 5 for rank in ranks)
    print(f"\nSearched for the {len(copies)} originals that were copied: the copy comes first, right after the")
    print(f"original's own photo, for {first} of them, and within five for {five}.")
    found = [copy for copy, rank in zip(copies, ranks, strict=True) if rank == 1 and copy["changed_regions"]]
    chosen = next((copy for copy in found if "top" in copy["category"]), (found or copies)[0])
    return Pair(manifest.parent / files[chosen["copy_of"]], manifest.parent / chosen["file"])


def _rank(client: Client, query: Path, copy: str) -> int:
    """Place of the copy among the other photos' hits; beyond all of them when it is not found."""
    hits = client.search(query, collection="drawn", top_k=20).hits
    return _place(copy, [hit.item for hit in hits if hit.item != query.name])


def _worn(manifest: Path, client: Client) -> Path:
    """Search for what each person wears, say how many of the originals were found, and pick one to look at."""
    people = json.loads(manifest.read_text(encoding="utf-8"))["people"]
    found = [_worn_found(client, manifest.parent / person["file"], person) for person in people]
    ranks = [rank for rank, _ in found]
    first, five, twenty = (sum(rank <= most for rank in ranks) for most in (1, 5, 20))
    likely = sum(probability > LIKELY for _, probability in found)
    print(
        f"\nSearched with drawn photos of {len(people)} people, each in a copy of another garment. The original comes"
    )
    print(f"first for {first} of them, within five for {five}, within twenty for {twenty}; {likely} are called copies.")
    best = min(range(len(people)), key=lambda number: (ranks[number], not people[number]["changed_regions"]))
    chosen, (rank, probability) = people[best], found[best]
    redesigned = " and ".join(chosen["changed_regions"]).replace("_", " ") or "nothing"
    print(f"One of them: {chosen['file']} wears a copy of {chosen['wears_copy_of']} with {redesigned} redesigned;")
    print(f"found at place {rank}, copy probability {probability:.0%}." if rank < NOT_FOUND else "it is not found.")
    return manifest.parent / str(chosen["file"])


def _worn_found(client: Client, photo: Path, person: dict[str, Any]) -> tuple[int, float]:
    """Place of the original among the hits of the garment that lies where the copy was drawn, and how likely a copy
    that is said to be."""
    garments = client.search(photo, collection="drawn", top_k=20).garments
    if not garments:
        return NOT_FOUND, 0.0
    boxes = np.array([garment.box for garment in garments], np.float32)
    overlaps = intersection_over_union(np.array(person["box"], np.float32), boxes)
    hits = garments[int(overlaps.argmax())].hits
    rank = _place(f"{person['wears_copy_of']}.jpg", [hit.item for hit in hits])
    return rank, (hits[rank - 1].copy_probability or 0.0) if rank < NOT_FOUND else 0.0


def _place(item: str, items: list[str]) -> int:
    return items.index(item) + 1 if item in items else NOT_FOUND


def _first_two(photos: Path) -> Pair:
    found = list(itertools.islice(photos_below(photos), 2))
    if len(found) < 2:
        print(f"{photos} holds {len(found)} photos (.jpg, .png, .webp); the demo needs at least two", file=sys.stderr)
        raise CommandFailed(2)
    return Pair(*found)


if __name__ == "__main__":
    run_program(main)
