"""Where a training takes its photos and labels from, and where it keeps what it makes of them."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from seamline.data.label_file import Label, read_labels
from seamline.training.errors import BadConfig

TRAIN, VALIDATION = "labels.jsonl", "labels_validation.jsonl"
_FORMER_VALIDATION = "labels_develop.jsonl"


@dataclasses.dataclass(frozen=True)
class Sources:
    """`photos`: folder that the labels' paths start from. `labels`: folder with labels.jsonl (to learn from) and
    labels_validation.jsonl (to evaluate on; labels_develop.jsonl where there is none). `work`: folder for crops,
    drawings and the like."""

    photos: Path
    labels: Path
    work: Path

    def train(self, least_trust: float = 0.0) -> list[Label]:
        """Labels to learn from. Raises BadConfig when there are none."""
        return _read(self.train_file, least_trust)

    def validation(self, least_trust: float = 0.0) -> list[Label]:
        """Labels of other photos, to evaluate on. Raises BadConfig when there are none."""
        return _read(self.validation_file, least_trust)

    @property
    def train_file(self) -> Path:
        """The label file to learn from."""
        return self.labels / TRAIN

    @property
    def validation_file(self) -> Path:
        """The label file to evaluate on."""
        file, former = self.labels / VALIDATION, self.labels / _FORMER_VALIDATION
        return former if former.is_file() and not file.is_file() else file

    def digest(self) -> str:
        """Names the content of both label files."""
        content = b"".join(file.read_bytes() for file in (self.train_file, self.validation_file))
        return hashlib.sha256(content).hexdigest()[:12]


def _read(path: Path, least_trust: float) -> list[Label]:
    try:
        found = list(read_labels(path, least_trust))
    except FileNotFoundError:
        raise BadConfig(f"labels: there is no {path.name} in {path.parent}") from None
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
