"""Exit codes, and the one place where errors become them.

  0  done
  1  nothing found: no garment in the photo, no hit, nothing to index
  2  bad usage or bad input: an option, a box, a file that is not a photo, vectors of other weights,
     a token or a certificate that Milvus refuses; an optional package that is not installed; standard output
     that takes nothing
  3  a collection that does not exist, a system that the server does not serve
  4  no server, a part of it is down, or it is too slow
  5  a fault of seamline
130  stopped with Ctrl-C or SIGTERM
141  the reader of standard output has left, as `| head` does
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import typer

from seamline.cli.output import error
from seamline.core.errors import AccessRefused, InvalidArgument, NotFound, SeamlineError, Unavailable, Unsupported
from seamline.core.streams import OutputFailed, reliable_streams

P = ParamSpec("P")

_OF_THE_MACHINE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
    | {errno.ENAMETOOLONG, errno.ELOOP, errno.EMFILE, errno.ENFILE, errno.EFBIG}
)
"""What the system says of files and folders that a user has named, or of its own limits: no fault of a program."""

DONE, NOTHING, BAD_INPUT, NOT_FOUND, UNAVAILABLE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

_CODES: tuple[tuple[type[SeamlineError], int], ...] = (
    (InvalidArgument, BAD_INPUT),
    (NotFound, NOT_FOUND),
    (Unavailable, UNAVAILABLE),
    (AccessRefused, BAD_INPUT),
    (Unsupported, BAD_INPUT),
)


def exit_code(error: BaseException) -> int:
    """The exit code that an error stands for."""
    from seamline.local.errors import LocalError, MissingPackage

    if isinstance(error, MissingPackage):
        return BAD_INPUT
    if isinstance(error, LocalError):
        return UNAVAILABLE
    return next((code for kind, code in _CODES if isinstance(error, kind)), INTERNAL)


def command(function: Callable[P, int]) -> Callable[P, None]:
    """A command from a function that returns its exit code: errors become one sentence on stderr and their code."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with _stopped_by_sigterm():
            code = _answer(functools.partial(function, *args, **kwargs))
        if code:
            raise typer.Exit(code)

    return run


class Commands(typer.Typer):
    """All commands as one program, whatever the shell has made of its standard streams."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command that the command line names, and exit with its code."""
        try:
            with reliable_streams():
                return super().__call__(*args, **kwargs)
        except OutputFailed as failure:
            sys.exit(failure.told())


@contextlib.contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """A stop by the system is one by Ctrl-C: what is under way is put away before the command ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _answer(function: Callable[[], int]) -> int:
    try:
        return function()
    except KeyboardInterrupt:
        error("stopped")
        return INTERRUPTED
    except SeamlineError as failure:
        error(str(failure))
        return exit_code(failure)
    except (OutputFailed, typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as failure:
        if isinstance(failure, OSError) and failure.errno in _OF_THE_MACHINE:
            error(": ".join(str(part) for part in (failure.filename, failure.strerror) if part is not None))
            return BAD_INPUT
        error(f"{type(failure).__name__}: {failure} (a fault of seamline; SEAMLINE_DEBUG=1 shows where)")
        if os.environ.get("SEAMLINE_DEBUG"):
            traceback.print_exc()
        return INTERNAL
