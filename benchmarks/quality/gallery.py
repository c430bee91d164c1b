"""The catalogue of a retrieval benchmark: every garment that the served path finds in a folder of photos."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.quality.baselines import COLOURS, colour_histogram, perceptual_hash, unit
from benchmarks.quality.serving import Garments, ServedPath

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Vectors:
    """n garments of a list of photos: `photo` (n,) is each one's place in it; regions (n, 5, D); baselines (n, d)."""

    photo: NDArray[np.int64]
    regions: Floats
    whole: Floats
    hash: Floats
    colour: Floats

    def __len__(self) -> int:
        return len(self.photo)


def vectors_of(garments: Garments, photo: int) -> Vectors:
    """What is compared of one photo's garments."""
    return Vectors(
        np.full(len(garments), photo),
        garments.embedding,
        unit(garments.pooled),
        np.array([perceptual_hash(crop) for crop in garments.crops], np.float32).reshape(-1, 64),
        np.array([colour_histogram(crop) for crop in garments.crops], np.float32).reshape(-1, COLOURS**3),
    )


def gallery(path: ServedPath, files: Sequence[Path], kept: Path, processes: int) -> Vectors:
    """Embed photos as the served path does; vectors of the same networks and photos are read from `kept` again."""
    file = kept / f"gallery-{_digest(path, files)}.npz"
    if file.is_file():
        with np.load(file) as arrays:
            return Vectors(**{field.name: arrays[field.name] for field in dataclasses.fields(Vectors)})
    found = joined(list(_embedded(path.repository, files, processes)))
    kept.mkdir(parents=True, exist_ok=True)
    np.savez(file, **{field.name: getattr(found, field.name) for field in dataclasses.fields(Vectors)})
    return found


def joined(parts: Sequence[Vectors]) -> Vectors:
    """Garments of several photos in their order."""
    names = [field.name for field in dataclasses.fields(Vectors)]
    return Vectors(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


_path: ServedPath | None = None


def _open(repository: Path) -> None:
    global _path  # one set of networks per worker process
    _path = ServedPath(repository, threads=1)


def _embed(job: tuple[int, Path]) -> Vectors:
    assert _path is not None
    return vectors_of(_path.embed(job[1].read_bytes()), job[0])


def _embedded(repository: Path, files: Sequence[Path], processes: int) -> Iterator[Vectors]:
    columns = (
        TextColumn("embedding the gallery"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with (
        ProcessPoolExecutor(processes, initializer=_open, initargs=(repository,)) as pool,
        Progress(*columns) as progress,
    ):
        task = progress.add_task("gallery", total=len(files), rate="")
        for found in pool.map(_embed, enumerate(files), chunksize=8):
            progress.update(task, advance=1, rate=f"{progress.tasks[0].speed or 0.0:.1f} photos/s")
            yield found


def _digest(path: ServedPath, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for name in ("detector", "encoder", "region_head"):
        digest.update((path.folder(name) / "model.onnx").read_bytes())
    digest.update((path.folder("region_pool") / "spec.json").read_bytes())
    for file in files:
        digest.update(f"{file.parent.name}/{file.name} {file.stat().st_size}\n".encode())
    return digest.hexdigest()[:16]
