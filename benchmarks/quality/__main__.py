"""`python -m benchmarks.quality PHOTOS`: one table with all figures of the served networks.

PHOTOS holds flatlay/, street/ and landmarks.json; what is missing is left out. Everything is seeded. Segmentations of
the held-out photos and vectors of the gallery are kept in --cache, so that a second run takes a fraction of the time.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from benchmarks.quality import detection, landmarks, retrieval
from benchmarks.quality.figures import Figure, Report, joined
from benchmarks.quality.gallery import gallery
from benchmarks.quality.queries import Query, contact_sheet, partial_copies, same_garment
from benchmarks.quality.serving import ServedPath
from benchmarks.quality.truth import annotated, held_out
from seamline.data.label_file import Label
from seamline.data.landmark_labels import photo_names

SECTIONS = ("detector", "street", "landmarks", "retrieval")


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    console = Console(stderr=True)
    path = ServedPath(arguments.model_repository)
    hand = annotated(arguments.photos)
    silhouettes: list[Label] = []
    if {"detector", "retrieval"} & set(arguments.only):
        silhouettes = held_out(arguments.photos, arguments.cache, arguments.processes)
    parts: list[list[Figure]] = []
    if "detector" in arguments.only:
        console.print("detector on flat-lay photos")
        parts.append(detection.flat_lay(path, arguments.photos, hand, silhouettes))
    if "street" in arguments.only:
        console.print("detector on street photos")
        parts.append(detection.street(path, arguments.photos))
    if "landmarks" in arguments.only:
        console.print("landmarks and regions on annotated photos")
        parts.append(landmarks.placement(path, arguments.photos, hand))
    setting: dict[str, object] = {"seed": arguments.seed, **_versions(path)}
    if "retrieval" in arguments.only:
        parts.append(_retrieval(path, arguments, silhouettes, setting, console))
    report = Report(joined(parts), setting)
    Console(width=120).print(report.to_table())
    for file, text in ((arguments.json, report.to_json()), (arguments.markdown, report.to_markdown())):
        if file is not None:
            file.write_text(text, encoding="utf-8")
    return 0


def _retrieval(
    path: ServedPath,
    arguments: argparse.Namespace,
    silhouettes: list[Label],
    setting: dict[str, object],
    console: Console,
) -> list[Figure]:
    sources = _drawn(silhouettes, arguments.queries, arguments.seed)
    names = _catalogue_names(arguments.photos, sources, arguments.gallery, arguments.seed)
    vectors = gallery(path, [arguments.photos / name for name in names], arguments.cache, arguments.processes)
    catalogue = retrieval.Catalogue.of(vectors, names, path.spec, arguments.seed)
    console.print("making and searching suspect photos")
    same = list(same_garment(arguments.photos, arguments.cache, sources, arguments.seed))
    partial = list(partial_copies(arguments.photos, arguments.cache, sources, arguments.seed, path.spec))
    _save_sheet(arguments.contact_sheet, [*same[:30], *partial[:30]])
    setting |= {
        "gallery": f"{len(names)} photos, {len(vectors)} garments found",
        "split": f"{len(sources)} originals from flatlay/validation, {_digest(label.photo for label in sources)}",
        "suspects": f"{len(same)} of the same garment, {len(partial)} with 1 or 2 regions redesigned, half mirrored",
    }
    seen, seen_partial = retrieval.look_at(path, same), retrieval.look_at(path, partial)
    return [
        *retrieval.retrieval("same garment", catalogue, seen),
        *retrieval.retrieval("1 or 2 regions redesigned", catalogue, seen_partial),
        *retrieval.evidence(catalogue, seen_partial),
        *retrieval.calibration(catalogue, [*seen, *seen_partial], arguments.seed),
    ]


def _drawn(labels: list[Label], most: int | None, seed: int) -> list[Label]:
    if most is None or most >= len(labels):
        return labels
    return [
        labels[int(index)] for index in np.sort(np.random.default_rng(seed).choice(len(labels), most, replace=False))
    ]


def _catalogue_names(photos: Path, sources: list[Label], most: int | None, seed: int) -> list[str]:
    """All flat-lay photos, or so many of them, the queries' originals always among them."""
    names = photo_names(photos)
    if most is None or most >= len(names):
        return names
    wanted = {label.photo for label in sources}
    others = [name for name in names if name not in wanted]
    chosen = np.random.default_rng(seed).choice(len(others), max(0, most - len(wanted)), replace=False)
    return sorted(wanted | {others[int(index)] for index in chosen})


def _versions(path: ServedPath) -> dict[str, object]:
    return {"regions": path.spec.fingerprint, "detector": path.spec.detector_fingerprint}


def _digest(names: Sequence[str] | object) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]  # type: ignore[arg-type]


def _save_sheet(file: Path | None, queries: list[Query]) -> None:
    if file is not None and queries:
        Image.fromarray(contact_sheet(queries)).save(file)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    root = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description="Measure the served networks.")
    parser.add_argument("photos", type=Path, help="folder with flatlay/, street/ and landmarks.json")
    parser.add_argument("--model-repository", type=Path, default=root / "model_repository")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections to measure")
    parser.add_argument(
        "--queries", type=int, help="at most so many originals (default: all with a trusted silhouette)"
    )
    parser.add_argument("--gallery", type=int, help="at most so many photos in the gallery (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "seamline" / "quality")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--markdown", type=Path, help="also write a Markdown table to this file")
    parser.add_argument("--contact-sheet", type=Path, help="also write a picture of some suspect photos to this file")
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
