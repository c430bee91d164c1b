"""One photo after the other: taken over from what is committed where it has not changed, else embedded."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Mapping, Sequence

from seamline.catalogue import row_of
from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.metadata import digest
from seamline.catalogue.photos import Stamp
from seamline.client import Embedded
from seamline.core.errors import DeadlineExceeded, FingerprintMismatch, SeamlineError, Unavailable
from seamline.index import Garment
from seamline.spark.journal import Pair, State
from seamline.spark.patience import embed_patiently
from seamline.spark.plan import Plan
from seamline.spark.service import Service, client_of_process, reader_of_process


@dataclasses.dataclass(frozen=True)
class Photo:
    """One photo's state and rows; `is_new` where they were embedded just now."""

    state: State
    garments: Sequence[Garment] = ()
    is_new: bool = False


def is_settled(entry: Entry, states: Mapping[Pair, State], service: Service) -> bool:
    """Whether `states` say all of the entry already, as far as the stamp of the photo's file tells."""
    if isinstance(entry, Failure) or service.verify:
        return False
    known = states.get((entry.item, entry.photo))
    if known is None or known.failure is not None or known.about != digest(entry.metadata).hex():
        return False
    try:
        return known.is_unread(reader_of_process(service.allow_urls).stamp(entry.photo))
    except SeamlineError:
        return False


class PhotoWork:
    """What an attempt at a part does with each of its entries; may be called by several threads.

    `states`, `garments`: what is committed of the part.
    """

    def __init__(
        self, plan: Plan, service: Service, states: Mapping[Pair, State], garments: Mapping[Pair, Sequence[Garment]]
    ) -> None:
        self._plan, self._service = plan, service
        self._states, self._garments = states, garments
        self._reader = reader_of_process(service.allow_urls)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let threads that wait for the server give up."""
        self._stopped.set()

    def __call__(self, entry: Entry) -> Photo:
        """Raises Unavailable when the server stays away, FingerprintMismatch when it has come to run other weights."""
        if isinstance(entry, Failure):
            return self._failed(entry)
        try:
            return self._of_item(entry)
        except SeamlineError as error:
            if concerns_all(error):
                raise
            return self._failed(Failure(str(error), entry))

    def _of_item(self, item: Item) -> Photo:
        known = self._states.get((item.item, item.photo))
        stamp = self._reader.stamp(item.photo)
        if known is not None and known.is_unread(stamp) and not self._service.verify:
            return self._taken_over(item, stamp, known.sha256)
        data = self._reader.read(item.photo)
        sha256 = hashlib.sha256(data).hexdigest()
        if known is not None and known.has(sha256):
            return self._taken_over(item, stamp, sha256)
        embedded = self._embedded(data)
        rows = [row_of(item, embedded, number) for number in range(len(embedded.garments))]
        return Photo(_state(item, stamp, sha256, len(rows)), rows, is_new=True)

    def _taken_over(self, item: Item, stamp: Stamp, sha256: str) -> Photo:
        before = self._garments.get((item.item, item.photo), ())
        rows = [dataclasses.replace(garment, metadata=item.metadata) for garment in before]
        return Photo(_state(item, stamp, sha256, len(rows)), rows)

    def _failed(self, failure: Failure) -> Photo:
        """What is committed of the photo stays as it is; a share that is away for a moment must not empty a part."""
        item = failure.item
        if item is None:
            return Photo(State("", "", failure=failure.reason, place=failure.place))
        pair = item.item, item.photo
        known = self._states.get(pair, State(*pair))
        return Photo(dataclasses.replace(known, failure=failure.reason, place=item.place), self._garments.get(pair, ()))

    def _embedded(self, data: bytes) -> Embedded:
        service = self._service
        embedded = embed_patiently(client_of_process(service.url), data, service.patience, self._stopped)
        found = embedded.versions.fingerprint
        if found != self._plan.fingerprint:
            raise FingerprintMismatch(
                f"the server has come to run the weights {found} and OUT holds vectors of {self._plan.fingerprint}; "
                "serve those again, or name another folder"
            )
        return embedded


def concerns_all(error: SeamlineError) -> bool:
    """Whether other photos would meet the same error."""
    is_away = isinstance(error, Unavailable) and not isinstance(error, DeadlineExceeded)
    return is_away or isinstance(error, FingerprintMismatch)


def _state(item: Item, stamp: Stamp, sha256: str, garments: int) -> State:
    return State(item.item, item.photo, stamp.size, stamp.changed, sha256, digest(item.metadata).hex(), garments)
