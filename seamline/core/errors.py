"""Every error that seamline raises on purpose, and the one table that maps errors to wire codes.

    SeamlineError
    ├── InvalidArgument        the caller sent something that cannot be answered
    │   ├── BadPhoto           the bytes are not a photo that seamline reads
    │   ├── BadBox             BOX is not a box inside the photo
    │   ├── BadOption          an option has a value that does not exist or is out of range
    │   ├── BadLease           a step was called by itself, without the lease that comes with a photo
    │   └── FingerprintMismatch  vectors of two different encoders would be compared
    ├── NotFound               a collection or an item that is not there
    ├── Unavailable            a part of the service does not answer; trying again later may help
    │   ├── Busy               the service has more requests than it can answer soon, and refused this one
    │   └── DeadlineExceeded   no answer within the caller's timeout
    ├── AccessRefused          a server refuses the caller's token or certificate, Milvus the service's, or it Milvus's
    ├── Unsupported            this build or this machine cannot do it
    └── InternalError          a fault of seamline itself

A message is one plain sentence that says what to do. It names neither files of the server nor code.
"""

from __future__ import annotations


class SeamlineError(Exception):
    """Base of all errors below. `str(error)` is fit for a person to read."""


class InvalidArgument(SeamlineError):
    """The request cannot be answered as it is; sending it again does not help."""


class BadPhoto(InvalidArgument):
    """The bytes are not a photo that seamline reads."""


class BadBox(InvalidArgument):
    """BOX is inverted, not finite, or outside the photo."""


class BadOption(InvalidArgument):
    """An option has a value that does not exist or is out of range."""


class BadLease(InvalidArgument):
    """A step was called by itself: LEASE is missing, not this server's, or has been used."""


class FingerprintMismatch(InvalidArgument):
    """The collection holds vectors of another encoder."""


class NotFound(SeamlineError):
    """A collection or an item does not exist."""


class Unavailable(SeamlineError):
    """A part of the service does not answer at the moment."""


class Busy(Unavailable):
    """The service refused the request unanswered, because too many others wait."""


class DeadlineExceeded(Unavailable):
    """No answer arrived within the timeout."""


class AccessRefused(SeamlineError):
    """Milvus refuses the service's token or certificate, or the service Milvus's; its operator can mend it."""


class Unsupported(SeamlineError):
    """This build or this machine cannot do what was asked."""


class InternalError(SeamlineError):
    """A fault inside seamline."""


WIRE_CODES: tuple[tuple[type[SeamlineError], str], ...] = (
    (InvalidArgument, "INVALID_ARG"),
    (NotFound, "NOT_FOUND"),
    (Unavailable, "UNAVAILABLE"),
    (Unsupported, "UNSUPPORTED"),
    (SeamlineError, "INTERNAL"),
)
"""Error class -> name of the code in Triton's `pb_utils.TritonError`; the first match counts."""


def wire_code(error: BaseException) -> str:
    """Name of the Triton error code for `error`; INTERNAL for what is not a SeamlineError."""
    return next((code for kind, code in WIRE_CODES if isinstance(error, kind)), "INTERNAL")
