"""Where a training takes its photos and labels from, and where it keeps what it makes of them."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from seamline.data.label_file import Label, read_labels
from seamline.training.errors import BadConfig

TRAIN, DEVELOP = "labels.jsonl", "labels_develop.jsonl"


@dataclasses.dataclass(frozen=True)
class Sources:
    """`photos`: folder that the labels' paths start from. `labels`: folder with labels.jsonl (to learn from) and
    labels_develop.jsonl (to evaluate on). `work`: folder for crops, drawings and the like."""

    photos: Path
    labels: Path
    work: Path

    def train(self, least_trust: float = 0.0) -> list[Label]:
        """Labels to learn from. Raises BadConfig when there are none."""
        return self._read(TRAIN, least_trust)

    def develop(self, least_trust: float = 0.0) -> list[Label]:
        """Labels of other photos, to evaluate on. Raises BadConfig when there are none."""
        return self._read(DEVELOP, least_trust)

    def digest(self) -> str:
        """Names the content of both label files."""
        content = b"".join((self.labels / name).read_bytes() for name in (TRAIN, DEVELOP))
        return hashlib.sha256(content).hexdigest()[:12]

    def _read(self, name: str, least_trust: float) -> list[Label]:
        path = self.labels / name
        try:
            found = list(read_labels(path, least_trust))
        except FileNotFoundError:
            raise BadConfig(f"labels: there is no {name} in {self.labels}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise BadConfig(f"labels: {path} is not a label file ({type(error).__name__}: {error})") from error
        if not found:
            raise BadConfig(f"labels: {path} has no label that can be trusted as far as {least_trust}")
        return found


def open_sources(photos: Path, labels: Path | None, work: Path, processes: int = 1) -> Sources:
    """The sources of a training; without a folder of labels they are made from the photos' silhouettes, once."""
    folder = labels or work / "labels"
    if labels is None and not (folder / TRAIN).is_file():
        from seamline.data.landmark_labels import label_folder

        folder.mkdir(parents=True, exist_ok=True)
        label_folder(photos, folder, processes)
    return Sources(photos, folder, work)
