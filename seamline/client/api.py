"""The client."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from seamline.client import parsing
from seamline.client.address import server_address
from seamline.client.comparing import comparison
from seamline.client.many import Outcome, in_completion_order
from seamline.client.options import (
    BoxLike,
    LandmarksLike,
    SearchOptions,
    Weights,
    box_tensor,
    landmarks_tensor,
    named_weights,
    ranking_for,
)
from seamline.client.photos import CANARY, Photo, photo_bytes
from seamline.client.results import Comparison, Embedded, Searched, Versions
from seamline.client.retrying import RetryPolicy
from seamline.client.security import ClientSecurity
from seamline.client.tensors import BULK, Array, infer_request, texts
from seamline.client.transport import Transport
from seamline.core.errors import BadOption, SeamlineError
from seamline.core.parts import Parts
from seamline.systems import SYSTEMS, ensembles_of


class Client:
    """Talks to one seamline server. May be shared between threads; a context manager.

    `url` is host:port, with grpcs:// before it where the server speaks TLS; without it, SEAMLINE_URL or the server that
    `seamline up` started here. `system` names the system whose vectors are wanted, by default the server's own.
    `timeout` bounds each call in seconds, repetitions included. A call that finds the server unavailable is repeated up
    to `retries` times with growing pauses, or as a RetryPolicy says; nothing else is repeated. `bulk` is for jobs that
    can wait: a busy server answers the others first, and refuses these requests later. `security`: token and
    certificates, by default what the variables SEAMLINE_TOKEN, SEAMLINE_CA, SEAMLINE_CERT, SEAMLINE_KEY and
    SEAMLINE_SERVER_NAME say.

    Methods raise `seamline.core.errors`: InvalidArgument (bad photo, box or option), NotFound (collection, system),
    Unavailable (no server, a part of it is down, or Busy), DeadlineExceeded, AccessRefused (token),
    Unsupported, InternalError.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        system: str | None = None,
        timeout: float = 30.0,
        retries: int | RetryPolicy = 3,
        bulk: bool = False,
        security: ClientSecurity | None = None,
    ) -> None:
        if not timeout > 0:
            raise BadOption("timeout must be more than 0 seconds")
        retry = RetryPolicy(retries) if isinstance(retries, int) else retries
        if retry.retries is not None and retry.retries < 0:
            raise BadOption("retries must not be negative")
        self._ensembles = ensembles_of(system)
        security = security or ClientSecurity.from_environment()
        self._transport = Transport(server_address(url), timeout=timeout, retry=retry, security=security)
        self._priority = BULK if bulk else 0
        self._parts: Parts | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """host:port of the server."""
        return self._transport.address

    def close(self) -> None:
        """Close the connection; calls under way in other threads end with Unavailable."""
        self._transport.close()

    def embed(self, photo: Photo, box: BoxLike | None = None, landmarks: LandmarksLike | None = None) -> Embedded:
        """The garments of a photo with their landmarks, parts and vectors; `box` names one and skips detection.

        `landmarks` [n,K,3], x, y in the photo's pixels and a confidence 0..1, take the place of those that are found,
        for each garment of the answer in its order, and parts and vectors follow.
        """
        data = photo_bytes(photo)
        response = self._infer(self._ensembles.embed, _photo_inputs(data, box, landmarks))
        return parsing.embedded(response, _sha256(data))

    def embed_many(self, paths: Iterable[Path], *, in_flight: int = 4) -> Iterator[Outcome]:
        """Embed photos with `in_flight` requests at a time; yields in order of completion.

        What concerns one photo (unreadable, refused, timed out) is in its outcome's `error`. Unavailable is
        raised once the retries are used up, or after `in_flight` photos in a row, at least 3, that timed out; NotFound
        where the server lacks the system.
        """
        if in_flight < 1:
            raise BadOption("in_flight must be at least 1")
        return (
            Outcome(done.given, done.result, done.error) for done in in_completion_order(self.embed, paths, in_flight)
        )

    def search(
        self,
        photo: Photo,
        *,
        collection: str | None = None,
        top_k: int | None = None,
        ranking: str | None = None,
        weights: Weights | None = None,
        categories: Sequence[str] | None = None,
        box: BoxLike | None = None,
        landmarks: LandmarksLike | None = None,
    ) -> Searched:
        """The catalogue's garments most like those of the photo.

        `ranking`: one of `versions().rankings`. `weights`: a number for each part in their order, or by name, where
        parts that are not named weigh 0. `categories`: only hits of these. `box`, `landmarks`: as of `embed`. What is
        not given is the server's choice.
        """
        data = photo_bytes(photo)
        options = SearchOptions(collection, top_k, ranking, self._weight_row(weights), categories)
        response = self._infer(self._ensembles.search, _photo_inputs(data, box, landmarks) | options.tensors())
        return parsing.searched(response, _sha256(data))

    def compare(
        self,
        photo_a: Photo,
        photo_b: Photo,
        *,
        ranking: str | None = None,
        weights: Weights | None = None,
        box_a: BoxLike | None = None,
        box_b: BoxLike | None = None,
    ) -> Comparison:
        """Two photos without an index: their most alike pair of garments, part by part.

        Without `ranking` it is the system's default, or weighted where weights are given.
        """
        row = self._weight_row(weights)
        with ThreadPoolExecutor(1) as beside:
            second = beside.submit(self.embed, photo_b, box_b)
            first = self.embed(photo_a, box_a)
        return comparison(first, second.result(), ranking=ranking_for(ranking, weights), weights=row)

    def _weight_row(self, weights: Weights | None) -> Array | None:
        """The weights as the wire takes them; names are looked up once, with a request of their own."""
        if weights is None:
            return None
        if not isinstance(weights, Mapping):
            return np.asarray(weights, np.float32).reshape(-1)
        if self._parts is None:
            self._parts = self.versions().parts
        return named_weights(weights, self._parts)

    def _infer(self, ensemble: str, inputs: Mapping[str, Array]) -> Any:
        return self._transport.infer(infer_request(ensemble, inputs, priority=self._priority))

    def versions(self) -> Versions:
        """Weights and numbers that the server works with."""
        return self.embed(CANARY).versions

    def systems(self) -> tuple[str, ...]:
        """Names of the systems that the server serves, of those that this version of seamline knows."""
        return tuple(name for name in SYSTEMS if self._transport.model_ready(ensembles_of(name).embed))

    def ready(self) -> bool:
        """Whether the server answers a real inference just now; its own health flags do not notice a dead step."""
        try:
            return self._transport.server_ready() and bool(self.versions())
        except SeamlineError:
            return False


def _photo_inputs(data: bytes, box: BoxLike | None, landmarks: LandmarksLike | None) -> dict[str, Array]:
    inputs = {"IMAGE": texts([data])}
    if box is not None:
        inputs["BOX"] = box_tensor(box)
    if landmarks is not None:
        inputs["GIVEN_LANDMARKS"] = landmarks_tensor(landmarks)
    return inputs


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
