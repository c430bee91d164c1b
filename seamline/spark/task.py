"""What an executor does with one part: rows and journal anew, committed together where they differ."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seamline.catalogue.items import Entry
from seamline.spark.output import Output, garments_name
from seamline.spark.part_file import Photo, read_journal, read_part, write_part
from seamline.spark.photo_work import PhotoWork, is_settled
from seamline.spark.plan import Plan
from seamline.spark.service import Service


@dataclasses.dataclass
class Done:
    """A part after a task: the identity of its journal, empty where it holds nothing, and what had to be done.

    `repeated`: rows of the manifest that named what an earlier row had named.
    """

    part: int
    commit: str
    embedded: int = 0
    kept: int = 0
    repeated: int = 0


@dataclasses.dataclass(frozen=True)
class EmbedPart:
    """Brings a part's file to what its entries, each (item, photo) once, say."""

    plan: Plan
    service: Service
    output: Output

    def __call__(self, part: int, entries: Sequence[Entry]) -> Done:
        """Nothing is written where all is so already.

        Raises Unavailable when the server stays away too long, FingerprintMismatch when it has come to
        run other weights; the part then is as it was.
        """
        before, reader = read_journal(self.output, part), self.service.reader()
        if not entries:
            self.output.remove(garments_name(part))
            return Done(part, "")
        is_same = len(entries) == len(before.states) and not self.service.verify
        if is_same and all(is_settled(entry, before.states, reader) for entry in entries):
            return Done(part, before.commit, kept=len(entries))
        before = read_part(self.output, part)  # another attempt may have committed since its journal was read
        done = Done(part, before.commit)
        photos = PhotoWork(self.plan, self.service, reader, before).photos(entries)
        with tempfile.TemporaryDirectory(prefix="seamline-part-") as folder:
            file = Path(folder) / "new.parquet"
            done.commit = write_part(file, self.plan, _counted(photos, done))
            if done.commit != before.commit:
                self.output.put(garments_name(part), file)
        return done


def _counted(photos: Iterable[Photo], done: Done) -> Iterator[Photo]:
    for photo in photos:
        done.embedded += photo.is_new
        done.kept += not photo.is_new and photo.state.failure is None
        yield photo
