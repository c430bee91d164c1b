"""The signed tensor that goes with a photo from the first step to the last."""

from __future__ import annotations

import dataclasses
import hmac
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadLease

_NUMBERS = struct.Struct("<Qdd")
_MAC = 16
LEASE_BYTES = _NUMBERS.size + _MAC

_FOREIGN = "LEASE was not given by this server; send the photo to embed or search, which carry it through the steps"


@dataclasses.dataclass(frozen=True)
class Lease:
    """The number of a slot, the moment at which it was acquired, and the one after which nobody waits for the photo, in
    seconds of the system's monotonic clock."""

    slot: int
    acquired: float
    deadline: float

    def signed(self, key: bytes) -> NDArray[np.uint8]:
        """The tensor (LEASE_BYTES,): the three numbers and the first half of their HMAC-SHA256."""
        numbers = _NUMBERS.pack(self.slot, self.acquired, self.deadline)
        return np.frombuffer(numbers + _mac(key, numbers), np.uint8).copy()

    @classmethod
    def verified(cls, tensor: NDArray[Any] | None, key: bytes) -> Lease:
        """The lease of a tensor that was signed with this key. Raises BadLease for every other one, and for none."""
        if tensor is None or tensor.dtype != np.uint8 or tensor.shape != (LEASE_BYTES,):
            raise BadLease(_FOREIGN)
        given = tensor.tobytes()
        numbers = given[: _NUMBERS.size]
        if not hmac.compare_digest(given[_NUMBERS.size :], _mac(key, numbers)):
            raise BadLease(_FOREIGN)
        return cls(*_NUMBERS.unpack(numbers))


def _mac(key: bytes, numbers: bytes) -> bytes:
    return hmac.digest(key, numbers, "sha256")[:_MAC]
