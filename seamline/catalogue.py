"""From a folder or a manifest of photos to a collection: reader, embedder, writer, and a summary at the end.

The index itself is the journal: a row's key is made of item, photo and the photo's content, so that a run skips what an
earlier one stored, replaces photos that have changed, and goes on where one was interrupted.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from seamline.client import Embedded, Outcome, Versions
from seamline.errors import BadOption, NotFound, SeamlineError
from seamline.index import MAX_ITEM, MAX_PHOTO, PHOTO_DIGITS, Collection, Garment, Index, content_key, photo_key

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
BATCH = 256
"""Garments that are written and flushed together; what an interruption can cost."""


@dataclasses.dataclass(frozen=True)
class Item:
    """One listing's photo: the listing's id and the file."""

    item: str
    photo: Path


@dataclasses.dataclass(frozen=True)
class Failure:
    """A photo that could not be indexed, and why."""

    photo: Path
    reason: str


@dataclasses.dataclass
class Progress:
    """Where a run stands; `done` counts every photo that needs no more work."""

    total: int
    done: int = 0
    skipped: int = 0
    garments: int = 0
    without_garment: int = 0
    failures: list[Failure] = dataclasses.field(default_factory=list)
    seconds: float = 0.0


class Embedder(Protocol):
    """The part of `seamline.client.Client` that indexing needs."""

    def versions(self) -> Versions: ...

    def embed_many(self, paths: Iterable[Path], *, in_flight: int = ...) -> Iterator[Outcome]: ...


def read_items(source: Path) -> list[Item]:
    """The items of a folder (every photo below it) or of a CSV manifest with the columns item and photo.

    Raises NotFound when the source is missing, BadOption when it is neither, or its columns or ids are wrong.
    """
    if source.is_dir():
        return _folder_items(source)
    if not source.exists():
        raise NotFound(f"{source} does not exist")
    if source.suffix.lower() != ".csv":
        raise BadOption(f"{source} is neither a folder nor a .csv manifest with the columns item,photo")
    return _manifest_items(source)


def _folder_items(folder: Path) -> list[Item]:
    photos = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return [Item(path.relative_to(folder).as_posix(), path.resolve()) for path in photos]


def _manifest_items(manifest: Path) -> list[Item]:
    try:
        with manifest.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = {"item", "photo"} - set(reader.fieldnames or ())
            if missing:
                raise BadOption(f"{manifest}: the column {', '.join(sorted(missing))} is missing")
            return [_manifest_item(manifest, reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadOption(f"{manifest} is not a UTF-8 CSV file: {error}") from error
    except OSError as error:
        raise BadOption(f"{manifest} cannot be read: {error.strerror}") from error


def _manifest_item(manifest: Path, line: int, row: dict[str, str | None]) -> Item:
    item, photo = (row["item"] or "").strip(), (row["photo"] or "").strip()
    if not item or not photo:
        raise BadOption(f"{manifest}, line {line}: item and photo must not be empty")
    return Item(item, (manifest.parent / photo).resolve())


def index_items(
    items: Sequence[Item],
    embedder: Embedder,
    index: Index,
    collection: str,
    *,
    in_flight: int = 4,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Embed the items' photos and store their garments in `collection`, which is made when it is missing.

    `report` is called after every photo. Raises FingerprintMismatch when the collection holds vectors of other weights,
    Unavailable when a part of the service stays away; what was stored until then stays.
    """
    versions = embedder.versions()
    target = index.open_or_create(collection, versions.fingerprint, int(versions.raw["dimension"]))
    return _Run(items, target, report).go(embedder, in_flight)


class _Run:
    """One run over the items of a catalogue."""

    def __init__(self, items: Sequence[Item], collection: Collection, report: Callable[[Progress], None]) -> None:
        self._items: dict[Path, list[Item]] = {}
        for item in items:
            self._items.setdefault(item.photo, []).append(item)
        self._writer = _Writer(collection)
        self._report = report
        self._start = time.monotonic()
        self.progress = Progress(total=len(self._items))

    def go(self, embedder: Embedder, in_flight: int) -> Progress:
        """Do it. What is embedded already is stored also when the run ends early."""
        try:
            for outcome in embedder.embed_many(self._unknown(), in_flight=in_flight):
                self._take(outcome)
        except BaseException:
            with contextlib.suppress(SeamlineError):
                self._writer.flush()
            raise
        self._writer.flush()
        self._tell()
        return self.progress

    def _unknown(self) -> Iterator[Path]:
        """Photos that are not stored yet; the others count as skipped."""
        for path, items in self._items.items():
            if problem := next((found for item in items if (found := _problem(item))), None):
                self._fail(path, problem)
                continue
            try:
                content = _content(path)
            except OSError as error:
                self._fail(path, f"cannot be read: {error.strerror}")
                continue
            if all(self._writer.has(item, content) for item in items):
                self.progress.skipped += 1
                self._finish()
            else:
                yield path

    def _take(self, outcome: Outcome) -> None:
        if outcome.embedded is None:
            self._fail(outcome.path, str(outcome.error))
            return
        self.progress.garments += len(outcome.embedded.garments)
        self.progress.without_garment += not outcome.embedded.garments
        for item in self._items[outcome.path]:
            self._writer.add(item, outcome.embedded)
        self._finish()

    def _fail(self, photo: Path, reason: str) -> None:
        self.progress.failures.append(Failure(photo, reason))
        self._finish()

    def _finish(self) -> None:
        self.progress.done += 1
        self._tell()

    def _tell(self) -> None:
        self.progress.seconds = time.monotonic() - self._start
        self._report(self.progress)


class _Writer:
    """Writes garments in batches and removes the rows of photos whose content has changed."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._stored: dict[str, list[str]] = {}
        for key in collection.all_keys():
            self._stored.setdefault(key[:PHOTO_DIGITS], []).append(key)
        self._batch: list[Garment] = []
        self._stale: list[str] = []

    def has(self, item: Item, content: str) -> bool:
        """Whether the photo is stored with this content; rows of an older content are then due for deletion."""
        current = content_key(item.item, str(item.photo), content)
        stored = self._stored.get(current[:PHOTO_DIGITS], ())
        outdated = [key for key in stored if not key.startswith(current)]
        if len(outdated) == len(stored):
            return False
        self._stale += outdated
        return True

    def add(self, item: Item, embedded: Embedded) -> None:
        garments = [_row(item, embedded, number) for number in range(len(embedded.garments))]
        kept = {garment.key for garment in garments}
        before = self._stored.get(photo_key(item.item, str(item.photo)), ())
        self._stale += [key for key in before if key not in kept]
        self._batch += garments
        if len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store the batch, then delete what it replaces, so that no moment has neither."""
        if not self._batch and not self._stale:
            return
        self._collection.store(self._batch)
        self._collection.delete(self._stale)
        self._collection.flush()
        self._batch, self._stale = [], []


def _problem(item: Item) -> str | None:
    """Why an item cannot be stored, None when it can."""
    try:
        lengths = len(item.item.encode()), len(str(item.photo).encode())
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    if lengths[0] > MAX_ITEM:
        return f"its item id is longer than {MAX_ITEM:,} bytes"
    return f"its path is longer than {MAX_PHOTO:,} bytes" if lengths[1] > MAX_PHOTO else None


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row(item: Item, embedded: Embedded, number: int) -> Garment:
    garment = embedded.garments[number]
    return Garment(
        item=item.item,
        photo=str(item.photo),
        photo_sha256=embedded.photo_sha256,
        photo_size=embedded.photo_size,
        number=garment.number,
        category=garment.category,
        box=garment.box,
        region_boxes=garment.region_boxes.tolist(),
        vectors=garment.vectors,
    )
