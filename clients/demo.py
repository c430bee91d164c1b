"""The main job from nothing: start the server, index a catalogue, search, compare, write the evidence page, stop.

    python clients/demo.py [--photos FOLDER] [--out demo] [--garments 240]

Without `--photos` the catalogue is drawn: originals, copies of some of them with one or two regions redesigned, and
look-alikes. Every step is the `seamline` command that a user would type; the commands are printed as they run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from seamline.catalogue import read_items
from seamline.cli.exits import NOTHING

PROGRAM = Path(sys.executable).with_name("seamline")


def main() -> int:
    """Run the demo; the exit code of the first command that failed, or 0."""
    options = _options()
    start = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ["SEAMLINE_HOME"] = str((options.out / "server").resolve())
    photos, query, other = _own(options.photos) if options.photos else _drawn(options.out, options.garments)
    page = options.out / "evidence.html"
    name = "photos" if options.photos else "drawn"
    steps = (
        ("up",),
        ("index", str(photos), "--collection", name),
        ("search", str(query), "--collection", name, "--top-k", "5", "--report", str(page)),
        ("compare", str(query), str(other)),
    )
    try:
        failed = next((code for step in steps if (code := _seamline(*step))), 0)
    finally:
        _seamline("down")
    if failed:
        return failed
    print(f"\nThe evidence page: {page.resolve()}\nDone in {time.monotonic() - start:.0f} s.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path, help="index this folder of photos instead of drawing a catalogue")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for everything that the demo writes")
    parser.add_argument("--garments", type=int, default=240, help="how many garments to draw")
    return parser.parse_args()


def _seamline(command: str, *arguments: str) -> int:
    """Run a command; its exit code, 0 also when a photo shows no garment or has no hit."""
    print(f"\n$ seamline {' '.join((command, *arguments))}", flush=True)
    code = subprocess.run([str(PROGRAM), command, *arguments], check=False).returncode
    return 0 if command in ("search", "compare") and code == NOTHING else code


def _drawn(out: Path, garments: int) -> tuple[Path, Path, Path]:
    """Draw the catalogue; the photo of an original that was copied, and of its copy."""
    folder = out / "catalogue"
    command = [sys.executable, "-m", "seamline.data.drawing", str(folder), "--garments", str(garments), "--seed", "0"]
    if not (folder / "manifest.json").exists():
        subprocess.run(command, check=True)
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["garments"]
    by_id = {entry["id"]: entry for entry in entries}
    copies = [entry for entry in entries if entry["copy_of"]]
    copy = next(
        (entry for entry in copies if len(entry["changed_regions"]) == 1 and "top" in entry["category"]), copies[0]
    )
    return folder, folder / by_id[copy["copy_of"]]["file"], folder / copy["file"]


def _own(photos: Path) -> tuple[Path, Path, Path]:
    """The first two photos of a folder."""
    items = read_items(photos)
    if len(items) < 2:
        sys.exit(f"{photos} holds {len(items)} photos (.jpg, .png, .webp); the demo needs at least two")
    return photos, items[0].photo, items[1].photo


if __name__ == "__main__":
    sys.exit(main())
