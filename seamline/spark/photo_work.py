"""One photo after the other: taken over from what is committed where it has not changed, else embedded."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence

from seamline.catalogue import row_of
from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.metadata import digest
from seamline.catalogue.photos import PhotoReader, Stamp
from seamline.client import Client, Embedded
from seamline.client.many import in_given_order
from seamline.core.errors import FingerprintMismatch, SeamlineError
from seamline.spark.journal import Pair, State
from seamline.spark.part_file import Committed, Photo
from seamline.spark.plan import Plan
from seamline.spark.service import Service


def is_settled(entry: Entry, states: Mapping[Pair, State], reader: PhotoReader) -> bool:
    """Whether `states` say all of the entry already, as far as the stamp of the photo's file tells."""
    if isinstance(entry, Failure):
        return False
    known = states.get((entry.item, entry.photo))
    if known is None or known.failure is not None or known.about != digest(entry.metadata).hex():
        return False
    try:
        return known.is_unread(reader.stamp(entry.photo))
    except SeamlineError:
        return False


class PhotoWork:
    """What an attempt at a part, of which `before` is committed, does with each of its entries."""

    def __init__(self, plan: Plan, service: Service, reader: PhotoReader, before: Committed) -> None:
        self._plan, self._service, self._reader, self._before = plan, service, reader, before

    def photos(self, entries: Sequence[Entry]) -> Iterator[Photo]:
        """The photos in the order of `entries`, several at a time.

        Raises Unavailable when the server stays away, FingerprintMismatch when it has come to run other weights.
        """
        with self._service.client(batch=True) as client:
            for done in in_given_order(lambda entry: self._photo(entry, client), entries, self._service.in_flight):
                yield done.result or self._failed(_failure(done.given, done.error))

    def _photo(self, entry: Entry, client: Client) -> Photo | None:
        """None for what has failed already."""
        if isinstance(entry, Failure):
            return None
        known = self._before.states.get((entry.item, entry.photo))
        stamp = self._reader.stamp(entry.photo)
        if known is not None and known.is_unread(stamp) and not self._service.verify:
            return self._taken_over(entry, stamp, known.sha256)
        data = self._reader.read(entry.photo)
        sha256 = hashlib.sha256(data).hexdigest()
        if known is not None and known.has(sha256):
            return self._taken_over(entry, stamp, sha256)
        embedded = self._checked(client.embed(data))
        rows = [row_of(entry, embedded, number) for number in range(len(embedded.garments))]
        return Photo(_state(entry, stamp, sha256, len(rows)), rows, is_new=True)

    def _checked(self, embedded: Embedded) -> Embedded:
        found = embedded.versions.fingerprint
        if found != self._plan.fingerprint:
            raise FingerprintMismatch(
                f"the server has come to run the weights {found} and OUT holds vectors of {self._plan.fingerprint}; "
                "serve those again, or name another folder"
            )
        return embedded

    def _taken_over(self, item: Item, stamp: Stamp, sha256: str) -> Photo:
        before = self._before.garments.get((item.item, item.photo), ())
        rows = [dataclasses.replace(garment, metadata=item.metadata) for garment in before]
        return Photo(_state(item, stamp, sha256, len(rows)), rows)

    def _failed(self, failure: Failure) -> Photo:
        """What is committed of the photo stays as it is; a share that is away for a moment must not empty a part."""
        item = failure.item
        if item is None:
            return Photo(State("", "", failure=failure.reason, place=failure.place))
        pair = item.item, item.photo
        state = dataclasses.replace(
            self._before.states.get(pair, State(*pair)), failure=failure.reason, place=item.place
        )
        return Photo(state, self._before.garments.get(pair, ()))


def _failure(entry: Entry, error: SeamlineError | None) -> Failure:
    return entry if isinstance(entry, Failure) else Failure(str(error), entry)


def _state(item: Item, stamp: Stamp, sha256: str, garments: int) -> State:
    return State(item.item, item.photo, stamp.size, stamp.changed, sha256, digest(item.metadata).hex(), garments)
