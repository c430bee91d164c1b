"""python -m seamline.data.readers SET FOLDER --out labels.jsonl: a published dataset as a label file.

Photos are named relative to FOLDER; masks, where the set has outlines, are written beside the label file. Exit code 0,
or 2 where something is not as published.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import cv2

from seamline.core.errors import BadOption
from seamline.core.printable import printable
from seamline.core.streams import run_program
from seamline.data.label_file import Label, write_labels
from seamline.data.readers import (
    consumer2shop,
    deepfashion2,
    deepfashion2_labels,
    fashionai_labels,
    inshop,
    landmark_benchmark,
)
from seamline.data.readers.bad_dataset import BadDataset, refuse
from seamline.data.readers.request import Request

SHOWN = 20
"""Bad garments that are printed one by one when they are left out."""


@dataclasses.dataclass(frozen=True)
class Reader:
    """A set's labels, and its splits; none listed where any folder may be one."""

    labels: Callable[[Request], Iterator[Label]]
    splits: tuple[str, ...]


READERS: Mapping[str, Reader] = {
    inshop.SOURCE: Reader(inshop.labels, inshop.SPLITS),
    consumer2shop.SOURCE: Reader(consumer2shop.labels, consumer2shop.SPLITS),
    landmark_benchmark.SOURCE: Reader(landmark_benchmark.labels, landmark_benchmark.SPLITS),
    deepfashion2_labels.SOURCE: Reader(deepfashion2_labels.labels, deepfashion2.SPLITS),
    fashionai_labels.SOURCE: Reader(fashionai_labels.labels, ()),
}


class Skipped:
    """A report that prints the first bad garments and counts them all."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: BadDataset) -> None:
        self.count += 1
        if self.count <= SHOWN:
            print(printable(f"left out: {error}"), file=sys.stderr)


class Counted:
    """A reader's labels on their way into the file, counted. Raises BadDataset at the end of none."""

    def __init__(self, reader: Reader, request: Request, limit: int | None) -> None:
        self.count = 0
        self._reader, self._request, self._limit = reader, request, limit

    def __iter__(self) -> Iterator[Label]:
        for label in islice(self._reader.labels(self._request), self._limit):
            self.count += 1
            yield label
        if self.count == 0:
            raise BadDataset(self._request.folder, None, f"there is no garment in the split {self._request.split}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    reader = READERS[options.set]
    if reader.splits and options.split not in reader.splits:
        parser.error(f"{options.set} has the splits {', '.join(reader.splits)}, not {options.split}")
    cv2.setNumThreads(1)
    skipped = Skipped()
    report = skipped if options.skip_bad else refuse
    request = Request(options.folder, options.split, options.out.parent, options.keep_occluded, report)
    labels = Counted(reader, request, options.limit)
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_labels(options.out, labels)
    except (BadOption, OSError) as error:
        print(printable(error), file=sys.stderr)
        return 2
    except BadDataset as error:
        print(
            f"{printable(error)}\nNo label file was written; --skip-bad leaves out single bad garments.",
            file=sys.stderr,
        )
        return 2
    print(
        f"{labels.count} labels in {printable(options.out)}" + (f", {skipped.count} left out" if skipped.count else "")
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seamline.data.readers", description=__doc__)
    parser.add_argument("set", choices=READERS, help="the dataset")
    parser.add_argument("folder", type=Path, help="its folder")
    parser.add_argument("--out", type=Path, required=True, help="the label file to write; masks go beside it")
    parser.add_argument("--split", default="train", help="the set's own name of the part to read (default: train)")
    parser.add_argument("--limit", type=int, help="stop after this many labels")
    parser.add_argument("--keep-occluded", action="store_true", help="take points placed behind something as known")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad garments out instead of stopping")
    return parser


if __name__ == "__main__":
    run_program(main)
