"""A contact sheet of second photos: `python -m seamline.data.photographer PHOTOS --out sheet.png`.

PHOTOS holds flatlay/<train|validation>/<class>/*; its garments are found by their silhouettes. Or drawn garments:
`python -m seamline.data.photographer --drawn --out sheet.png`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from seamline.core.image import Pixels
from seamline.core.streams import run_program
from seamline.data.copies.contact_sheet import save_sheet
from seamline.data.copies.originals import drawn, sample_of
from seamline.data.copies.sample import GarmentSample
from seamline.data.landmark_labels import label_photo, photo_names
from seamline.data.photographer import PRESETS, Photographer, grounds_of
from seamline.data.photographer.contact_sheet import contact_sheet
from seamline.data.photographer.dye import dyed

_LEAST_TRUST = 0.85


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, take the photos, write the sheet. Returns the exit code."""
    options = _parser().parse_args(arguments)
    if not options.drawn and options.photos is None:
        print("name the folder of photos, or use --drawn", file=sys.stderr)
        return 2
    if options.drawn:
        samples = [sample for _, sample in drawn(options.count, options.seed)]
    else:
        samples = list(islice(_found(options.photos, options.seed), options.count))
    if not samples:
        print(f"{options.photos} has no flatlay/<train|validation>/<class>/ with garments", file=sys.stderr)
        return 2
    random = np.random.default_rng(options.seed)
    photographer = Photographer(PRESETS[options.preset], grounds_of(samples, len(samples), random))
    rows = [_row(sample, photographer, options, random) for sample in samples]
    save_sheet(contact_sheet(rows), options.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seamline.data.photographer", description=__doc__)
    parser.add_argument("photos", type=Path, nargs="?", help="folder that holds flatlay/")
    parser.add_argument("--out", type=Path, required=True, help="the contact sheet (PNG)")
    parser.add_argument("--preset", choices=list(PRESETS), default="real pairs", help="how far apart the photos are")
    parser.add_argument("--count", type=int, default=8, help="how many garments (default: %(default)s)")
    parser.add_argument("--shots", type=int, default=7, help="photos of each (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same sheet (default: 0)")
    parser.add_argument("--drawn", action="store_true", help="use drawn garments instead of photos")
    parser.add_argument("--dyed", action="store_true", help="each second photo shows the garment in other colours")
    return parser


def _found(photos: Path, seed: int) -> Iterator[GarmentSample]:
    """Garments of a folder whose silhouettes are trusted, in random order."""
    names = photo_names(photos)
    with tempfile.TemporaryDirectory() as folder:
        for index in np.random.default_rng(seed).permutation(len(names)):
            label = label_photo(photos, Path(folder), names[int(index)])
            if label is not None and label.mask is not None and label.box_trust >= _LEAST_TRUST:
                yield sample_of(label, photos, Path(folder))


def _row(
    sample: GarmentSample, photographer: Photographer, options: argparse.Namespace, random: np.random.Generator
) -> list[Pixels]:
    row = [sample.rgb]
    for _ in range(options.shots):
        rgb = dyed(sample.rgb, sample.mask, random) if options.dyed else sample.rgb
        row.append(photographer.photograph(rgb, sample.mask, sample.points, random).rgb)
    return row


if __name__ == "__main__":
    run_program(main)
