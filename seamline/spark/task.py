"""What an executor does with one part: rows and journal anew, committed together where they differ."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from seamline.catalogue.items import Entry
from seamline.spark.ordered import in_order
from seamline.spark.output import Output, garments_name
from seamline.spark.part_file import Committed, read_journal, read_part, write_part
from seamline.spark.photo_work import Photo, PhotoWork, is_settled
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

        Raises Unavailable when the server stays away longer than the patience, FingerprintMismatch when it has come to
        run other weights; the part then is as it was.
        """
        before = read_journal(self.output, part)
        if not entries:
            self.output.remove(garments_name(part))
            return Done(part, "")
        if len(entries) == len(before.states) and all(is_settled(one, before.states, self.service) for one in entries):
            return Done(part, before.commit, kept=len(entries))
        before = read_part(self.output, part)  # another attempt may have committed since its journal was read
        done = Done(part, before.commit)
        with tempfile.TemporaryDirectory(prefix="seamline-part-") as folder:
            file = Path(folder) / "new.parquet"
            done.commit = write_part(file, self.plan, self._photos(entries, before, done))
            if done.commit != before.commit:
                self.output.put(garments_name(part), file)
        return done

    def _photos(self, entries: Sequence[Entry], before: Committed, done: Done) -> Iterator[Photo]:
        """The photos in the order of `entries`, counted in `done`."""
        work = PhotoWork(self.plan, self.service, before.states, before.garments)
        try:
            for photo in in_order(work, entries, self.service.in_flight):
                done.embedded += photo.is_new
                done.kept += not photo.is_new and photo.state.failure is None
                yield photo
        finally:
            work.stop()
