"""Screen a folder of new listings: every photo is searched, and likely copies are printed as CSV.

python clients/examples/watch_listings.py FOLDER --collection catalogue --at-least 0.8
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from seamline.catalogue import photos_below
from seamline.client import Client, Hit, Searched
from seamline.core.errors import InvalidArgument
from seamline.core.printable import csv_cell, printable
from seamline.core.streams import run_program


def main() -> None:
    """Print a line for every hit whose copy probability reaches `--at-least`."""
    given = _arguments()
    photos = list(photos_below(given.folder))
    out = csv.writer(sys.stdout)
    out.writerow(["photo", "item", "copy_probability", "mirrored"])
    with Client(given.url) as client, ThreadPoolExecutor(given.in_flight) as pool:
        answers = pool.map(lambda photo: _search(client, photo, given.collection), photos)
        for photo, searched in zip(photos, answers, strict=True):
            out.writerows(
                [csv_cell(photo), csv_cell(hit.item), f"{hit.copy_probability:.3f}", hit.mirrored]
                for hit in _likely_copies(searched, given.at_least)
            )


def _search(client: Client, photo: Path, collection: str) -> Searched | None:
    try:
        return client.search(photo, collection=collection, top_k=3)
    except InvalidArgument as error:
        print(printable(f"{photo}: {error}"), file=sys.stderr)
        return None


def _likely_copies(searched: Searched | None, at_least: float) -> Iterator[Hit]:
    for hit in searched.hits if searched else ():
        if hit.copy_probability is not None and hit.copy_probability >= at_least:
            yield hit


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Screen a folder of new listings for likely copies.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--collection", default="catalogue")
    parser.add_argument("--at-least", type=float, default=0.8, help="copy probability from which a hit is printed")
    parser.add_argument("--in-flight", type=int, default=4)
    parser.add_argument("--url")
    return parser.parse_args()


if __name__ == "__main__":
    run_program(main)
