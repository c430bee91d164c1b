"""What the desk refuses, and the one table that maps errors to HTTP.

Errors of seamline itself come through as they are; these are the desk's own:

    SeamlineError
    ├── InvalidArgument
    │   ├── TooLarge     more bytes than the desk takes
    │   ├── TooSlow      a body that did not come in time
    │   └── Conflict     somebody else was first, or what it is about has changed
    ├── TooMany          tried too often; trying again later helps
    ├── NotSignedIn      nobody has signed in, or the session has ended
    └── NotAllowed       a person's role or grants do not reach this far, or the request came from another page
"""

from __future__ import annotations

from seamline.core.errors import (
    AccessRefused,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    SeamlineError,
    Unavailable,
    Unsupported,
)


class TooLarge(InvalidArgument):
    """The request has more bytes than the desk takes."""


class TooSlow(InvalidArgument):
    """The request did not come whole within the time that the desk waits."""


class Conflict(InvalidArgument):
    """The request was right when its page was made and is so no more."""


class TooMany(SeamlineError):
    """Something was tried too often; `seconds` from now it may be tried again."""

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class NotSignedIn(SeamlineError):
    """Nobody has signed in, or the session has ended."""


class NotAllowed(SeamlineError):
    """The person may not do this."""


HTTP_CODES: tuple[tuple[type[SeamlineError], int], ...] = (
    (TooLarge, 413),
    (TooSlow, 408),
    (Conflict, 409),
    (InvalidArgument, 400),
    (TooMany, 429),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (DeadlineExceeded, 504),
    (Unavailable, 503),
    (AccessRefused, 502),
    (Unsupported, 501),
    (SeamlineError, 500),
)
"""Error class -> status; the first match counts."""


def http_code(error: SeamlineError) -> int:
    """The status that an error stands for."""
    return next(code for kind, code in HTTP_CODES if isinstance(error, kind))
