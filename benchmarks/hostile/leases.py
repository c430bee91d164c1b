"""Leases that the server did not give, sent to steps by somebody who got past the gateway."""

from __future__ import annotations

import math
import struct
import time

import numpy as np

from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target, as_bytes, infer_request, photo_request, told

_ROUNDS = 60


def attack(target: Target) -> Outcome:
    """Made-up leases must be refused and teach the admission nothing: afterwards everybody is answered as before."""
    outcome, before = Outcome("forged leases"), target.restarts()
    lone, shape = _median(target), _shape(target)
    with target.stub(operator=True) as stub:
        for number in range(_ROUNDS):
            slot = struct.pack("<Qdd", number % 3, time.monotonic() - 60, time.monotonic() + 60) + bytes(16)
            for lease in (
                ("UINT8", [len(slot)], slot),
                ("FP64", [2], np.array([0, 1.0]).tobytes()),
                ("UINT8", [0], b""),
            ):
                made = infer_request(
                    "trim",
                    {
                        "HEAD_EMBEDDING": ("FP32", [1, *shape], bytes(4 * math.prod(shape))),
                        "COUNT": ("INT32", [1], (1).to_bytes(4, "little")),
                        "LEASE": lease,
                    },
                )
                code, sentence = told(stub.ModelInfer, made)
                outcome.count(code, sentence)
                if code == "OK":
                    outcome.fail("a step takes a lease that the server did not give")
        for _ in range(_ROUNDS):  # a photo let in and never sent on
            outcome.count(
                *told(stub.ModelInfer, infer_request("decode", {"IMAGE": ("BYTES", [1], as_bytes(target.photo))}))
            )
        refused = [told(stub.ModelInfer, _retrieve(200, 200, shape))[0] for _ in range(3)]
        outcome.codes.update(refused)
        if "OK" in refused:
            outcome.fail("retrieve takes 200 garments without a lease")
    time.sleep(1.5)  # what was let in and never sent on is held for no longer
    outcome.require("seconds until everybody is answered", target.wait_until_well(), 5)
    outcome.require("median afterwards over before", _median(target) / lone, 2.5)
    outcome.require("restarts", target.restarts() - before, 0)
    return outcome


def _shape(target: Target) -> tuple[int, int]:
    with target.client() as client:
        return client.versions().shape


def _retrieve(garments: int, top_k: int, shape: tuple[int, int]) -> object:
    vectors = np.random.default_rng(0).normal(size=(garments, *shape)).astype(np.float32)
    return infer_request(
        "retrieve",
        {
            "HEAD_EMBEDDING": ("FP32", [garments, *shape], vectors.tobytes()),
            "COUNT": ("INT32", [1], garments.to_bytes(4, "little")),
            "CATEGORY": ("BYTES", [garments], as_bytes(*[b"skirt"] * garments)),
            "TOP_K": ("INT32", [1], top_k.to_bytes(4, "little")),
        },
    )


def _median(target: Target) -> float:
    times = []
    with target.stub() as stub:
        for _ in range(15):
            start = time.perf_counter()
            told(stub.ModelInfer, photo_request(target.photo))
            times.append(time.perf_counter() - start)
    return float(np.median(times))
