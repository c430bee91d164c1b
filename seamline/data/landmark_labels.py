"""Labels photos of single garments, laid flat or hung, from their silhouettes.

`python -m seamline.data.landmark_labels PHOTOS OUT` reads PHOTOS/flatlay/<train|validation>/<class>/* and writes
OUT/labels.jsonl (train), OUT/labels_validation.jsonl (validation), OUT/labels_annotated.jsonl (photos with points set
by hand, named in PHOTOS/landmarks.json: for measuring only, never for training), masks under OUT/masks and raw
segmentations under OUT/silhouettes. Photos that are segmented already are not segmented again, so that a run that was
interrupted goes on, and a change of the rules for landmarks costs little.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from seamline.core.image import decode
from seamline.core.output_files import output_file
from seamline.core.photo_names import is_photo_name
from seamline.core.spec import LANDMARKS
from seamline.core.streams import run_program
from seamline.data.label_file import Label, Point, write_labels
from seamline.data.mask_box import mask_box
from seamline.data.pseudo_label import CLASSES, pseudo_label
from seamline.data.silhouette import Mask, Seed, at_photo_size, segment, silhouette_of

SPLITS = ("train", "validation")
_SEEDS = {"pants": Seed(core=0.3, fork=0.4), "shorts": Seed(core=0.48, fork=0.62)}


def label_photo(photos: Path, out: Path, name: str) -> Label | None:
    """Label one photo (a path relative to `photos`, its folder naming the class); None where nothing stands out."""
    photo = decode((photos / name).read_bytes())
    place = Path(name).relative_to("flatlay").with_suffix(".png")
    clothing = Path(name).parent.name
    first, second = _segmented(photo.rgb, clothing, out / "silhouettes" / place)
    silhouette = silhouette_of(first, second, max(first.shape) / max(photo.width, photo.height))
    if not silhouette.mask.any():
        return None
    found = pseudo_label(silhouette, clothing)
    mask = at_photo_size(silhouette, photo.width, photo.height)
    _write(mask, out / "masks" / place)
    points: dict[str, Point | None] = dict.fromkeys(LANDMARKS)
    points |= {landmark: (float(point[0]), float(point[1])) for landmark, point in found.points.items()}
    return Label(
        name, photo.width, photo.height, mask_box(mask), found.category, points, "silhouette", str("masks" / place),
        found.trust, found.box_trust, found.unsure,
    )  # fmt: skip


def _segmented(rgb: NDArray[np.uint8], clothing: str, path: Path) -> tuple[Mask, Mask]:
    """The photo's two segmentations, from the file that keeps them if it is there."""
    if path.is_file():
        first, second = Image.open(path).split()
        return np.asarray(first, np.uint8), np.asarray(second, np.uint8)
    masks = segment(rgb, _SEEDS.get(clothing, Seed()))
    _write(np.dstack(masks), path)
    return masks


def _write(pixels: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with output_file(path) as out:
        Image.fromarray(pixels).save(out, "PNG")


def photo_names(photos: Path) -> list[str]:
    """Photos of all classes and splits, relative to `photos`, in a fixed order."""
    folders = [photos / "flatlay" / split / clothing for split in SPLITS for clothing in CLASSES]
    found = (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()))
    return [path.relative_to(photos).as_posix() for path in found if is_photo_name(path.name)]


def annotated_names(photos: Path) -> frozenset[str]:
    """Photos whose points were set by hand; they measure, and must never train."""
    path = photos / "landmarks.json"
    if not path.is_file():
        return frozenset()
    return frozenset(entry["file"] for entry in json.loads(path.read_text(encoding="utf-8")))


def label_folder(photos: Path, out: Path, processes: int) -> None:
    """Label all photos of a folder and write the three label files."""
    names = photo_names(photos)
    annotated = annotated_names(photos)
    labels: dict[str, list[Label]] = {"labels.jsonl": [], "labels_validation.jsonl": [], "labels_annotated.jsonl": []}
    for label in label_photos(photos, out, names, processes):
        if label.photo in annotated:
            labels["labels_annotated.jsonl"].append(label)
        else:
            labels["labels.jsonl" if "/train/" in label.photo else "labels_validation.jsonl"].append(label)
    for file, rows in labels.items():
        write_labels(out / file, rows)


def label_photos(photos: Path, out: Path, names: list[str], processes: int) -> Iterator[Label]:
    """Label these photos (paths relative to `photos`) in several processes, in their order, with a progress bar."""
    columns = (
        TextColumn("labelling"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with ProcessPoolExecutor(processes) as pool, Progress(*columns) as progress:
        task = progress.add_task("labelling", total=len(names), rate="")
        for label in pool.map(partial(label_photo, photos, out), names, chunksize=8):
            progress.update(task, advance=1, rate=f"{progress.tasks[0].speed or 0.0:.1f} photos/s")
            if label is not None:
                yield label


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Label photos of single garments from their silhouettes.")
    parser.add_argument("photos", type=Path, help="folder that holds flatlay/ and, if any, landmarks.json")
    parser.add_argument("out", type=Path, help="folder for label files and masks")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    label_folder(arguments.photos, arguments.out, arguments.processes)


if __name__ == "__main__":
    run_program(main)
