"""Make copies of labelled photos: `python -m seamline.data.copies PHOTOS LABELS --level medium --out FOLDER`.

Or of drawn garments, to see what a level does: `python -m seamline.data.copies --drawn --sheet copies.png`; or of
garments on people: `python -m seamline.data.copies PHOTOS --level worn --sheet worn.png`, with PHOTOS/street and
PHOTOS/street_landmarks.jsonl.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.core.errors import NotFound
from seamline.core.image import Pixels
from seamline.core.printable import printable
from seamline.core.spec import LANDMARKS
from seamline.core.streams import run_program
from seamline.data.copies.contact_sheet import Row, contact_sheet, save_sheet
from seamline.data.copies.generator import make_copy
from seamline.data.copies.levels import LEVELS, WORN, Level
from seamline.data.copies.originals import drawn, labelled, some_backgrounds
from seamline.data.copies.sample import Copy, GarmentSample
from seamline.data.copies.worn import worn_garments
from seamline.systems.psnet.spec import REGIONS

GROUND_TRUTH = "copies.jsonl"
"""Name of the file that tells what each copy is."""

_PER_ORIGINAL = 3
_SOURCES = 8
_BACKGROUNDS = 48
_SHEET_ROWS = 5

Named = tuple[str, GarmentSample]


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, make copies, write them. Returns the exit code."""
    options = _parser().parse_args(arguments)
    worn = options.level == WORN.name
    if not options.drawn and (options.photos is None or (options.labels is None and not worn)):
        print("name the folder of photos and the file of labels, or use --drawn", file=sys.stderr)
        return 2
    count = options.count or (_SHEET_ROWS * _PER_ORIGINAL if options.sheet else 100)
    level = WORN if worn else LEVELS[options.level]
    try:
        originals = _originals(options, -(-count // _PER_ORIGINAL))
    except NotFound as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    made = list(islice(_copies(originals, level, options.seed), count))
    if options.sheet:
        save_sheet(contact_sheet(_rows(made)), options.sheet)
    if options.out:
        write_copies(options.out, made, level)
    print(f"{len(made)} copies of level {options.level}", file=sys.stderr)
    return 0


def _originals(options: argparse.Namespace, wanted: int) -> list[Named]:
    """Raises NotFound where garments on people are wanted and the folder has none."""
    if options.drawn:
        return drawn(wanted, options.seed)
    return worn_garments(options.photos) if options.level == WORN.name else labelled(options.photos, options.labels)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seamline.data.copies", description=__doc__)
    parser.add_argument("photos", type=Path, nargs="?", help="folder that the labels' photos are relative to")
    parser.add_argument("labels", type=Path, nargs="?", help="file of labels (JSON Lines) with masks")
    parser.add_argument(
        "--level", choices=[*LEVELS, WORN.name], default="medium", help="how hard the copies are to recognise"
    )
    parser.add_argument("--out", type=Path, help=f"folder for the copies and {GROUND_TRUTH}")
    parser.add_argument("--sheet", type=Path, help="contact sheet (PNG) of originals and their copies")
    parser.add_argument("--count", type=int, help="how many copies, three of each original (default 100; a sheet: 15)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same copies (default 0)")
    parser.add_argument("--drawn", action="store_true", help="use drawn garments instead of photos")
    return parser


Made = tuple[Named, Copy]


def _copies(originals: Sequence[Named], level: Level, seed: int) -> Iterator[Made]:
    """Copies of the originals in random order; a garment that cannot be redesigned is left out."""
    random = np.random.default_rng(seed)
    samples = [sample for _, sample in originals]
    backgrounds = [] if level.photo.own_background == 1 else some_backgrounds(samples, _BACKGROUNDS, random)
    for index in random.permutation(len(originals)):
        for _ in range(_PER_ORIGINAL):
            sources = _others(samples, int(index), random)
            try:
                yield originals[index], make_copy(samples[index], sources, backgrounds, level, random)
            except ValueError as error:
                print(printable(f"{originals[index][0]}: {error}"), file=sys.stderr)
                break


def _others(samples: Sequence[GarmentSample], index: int, random: np.random.Generator) -> list[GarmentSample]:
    chosen = random.choice(len(samples), min(_SOURCES, len(samples)), replace=False)
    return [samples[int(other)] for other in chosen if other != index]


def _rows(made: Sequence[Made]) -> list[Row]:
    rows: dict[str, tuple[GarmentSample, list[Copy]]] = {}
    for (name, original), copy in made:
        rows.setdefault(name, (original, []))[1].append(copy)
    return list(rows.values())


def write_copies(folder: Path, made: Sequence[Made], level: Level) -> None:
    """Write each copy as NUMBER.png, its mask as NUMBER.mask.png, and the ground truth by line to `copies.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, ((name, _), copy) in enumerate(made):
        files = {"copy": f"{number:05d}.png", "mask": f"{number:05d}.mask.png"}
        _save(folder / files["copy"], copy.sample.rgb)
        _save(folder / files["mask"], copy.sample.mask)
        lines.append(json.dumps({**files, "original": name, "level": level.name, **_ground_truth(copy)}) + "\n")
    (folder / GROUND_TRUTH).write_text("".join(lines), encoding="utf-8")


def _save(path: Path, picture: Pixels) -> None:
    Image.fromarray(picture).save(path)


def _ground_truth(copy: Copy) -> dict[str, object]:
    height, width = copy.sample.mask.shape
    return {
        "width": width,
        "height": height,
        "category": copy.sample.category,
        "redesigned": [REGIONS[region] for region in copy.redesigned],
        "kept": [REGIONS[region] for region in copy.kept],
        "edits": list(copy.edits),
        "mirrored": copy.mirrored,
        "points": {
            name: [round(float(x), 2), round(float(y), 2)] if confidence > 0 else None
            for name, (x, y, confidence) in zip(LANDMARKS, copy.sample.points, strict=True)
        },
    }


if __name__ == "__main__":
    run_program(main)
