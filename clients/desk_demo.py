"""The analyst's desk with something to judge: draw originals and listings, index both, screen the listings, open it.

    python clients/desk_demo.py [--out demo] [--listen 127.0.0.1:8080]

A sixth of the drawn photos are copies of others with one or two regions redesigned. They and as many other garments are
the listings of some made-up sellers; what they were copied from are among the originals.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from seamline.core.streams import run_program

PROGRAM = Path(sys.executable).with_name("seamline")
SELLERS = ("Harbour Row", "Lindenhof Mode", "Blue Kite Outlet", "Marlow & Finch", "Studio Tangente", "Nordwind Basics")
BRAND = "Atelier Ahrens"
ORIGINALS, LISTINGS = "originals", "listings"
AT_LEAST = 0.25
_FIRST_DAY = date(2026, 9, 1)


@dataclass(frozen=True)
class Manifests:
    """CSV files of the two collections."""

    originals: Path
    listings: Path


def main() -> int:
    """Do it; the exit code of the first command that failed, or 0."""
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    os.environ["SEAMLINE_HOME"] = str((given.out / "server").resolve())
    manifests = drawn_manifests(given.out / "desk-catalogue", given.garments)
    try:
        return next((code for command in _commands(manifests, given.listen) if (code := _run(*command))), 0)
    finally:
        _run("down")


def _run(*command: str) -> int:
    print(f"\n$ seamline {' '.join(command)}", flush=True)
    return subprocess.run([str(PROGRAM), *command], check=False).returncode


def _commands(manifests: Manifests, listen: str) -> Iterator[Sequence[str]]:
    yield ("up",)
    yield ("index", str(manifests.originals), "--collection", ORIGINALS)
    yield ("index", str(manifests.listings), "--collection", LISTINGS)
    yield ("watch", LISTINGS, "--originals", ORIGINALS, "--at-least", str(AT_LEAST), "--once")
    yield ("desk", "--listen", listen, "--index-below", str(manifests.originals.parent))


def drawn_manifests(folder: Path, garments: int) -> Manifests:
    """Draw the photos, unless an earlier run did, and write which collection each belongs to."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        command = [sys.executable, "-m", "seamline.synthetic", str(folder), "--garments", str(garments), "--seed", "0"]
        subprocess.run(command, check=True)
    drawn = json.loads(manifest.read_text(encoding="utf-8"))["garments"]
    copies = [entry for entry in drawn if entry["copy_of"]]
    copied = {entry["copy_of"] for entry in copies}
    others = [entry for entry in drawn if not entry["copy_of"] and entry["id"] not in copied]
    new = [*copies, *others[: len(copies)]]
    originals = [entry for entry in drawn if entry not in new]
    return Manifests(
        _written(folder / "originals.csv", originals, "A", (BRAND,)),
        _written(folder / "listings.csv", new, "L", SELLERS),
    )


def _written(file: Path, entries: Sequence[dict[str, Any]], prefix: str, sellers: Sequence[str]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as opened:
        out = csv.writer(opened)
        out.writerow(["item", "photo", "seller", "date"])
        for number, entry in enumerate(entries):
            item = entry["id"].replace("garment", prefix)
            day = _FIRST_DAY + timedelta(days=number % 80)
            out.writerow([item, entry["file"], sellers[number % len(sellers)], day.isoformat()])
    return file


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for everything that is written")
    parser.add_argument("--garments", type=int, default=240, help="how many garments to draw")
    parser.add_argument("--listen", default="127.0.0.1:8080", help="where browsers reach the desk")
    return parser.parse_args()


if __name__ == "__main__":
    run_program(main)
