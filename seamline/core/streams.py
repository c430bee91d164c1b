"""Standard output and standard error that a program can rely on.

A shell hands down streams that are closed, full, a pipe whose reader has left, or of an encoding that lacks a
character. Python then ends with a traceback, with exit code 120, or not at all, and the file that a program opens
first gets the number of the closed stream and with it whatever is printed.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TextIO, cast

_BAD_OUTPUT, _PIPE_CLOSED = 2, 141
"""Exit codes; the second is what a shell says of a program that SIGPIPE ended."""


class OutputFailed(Exception):
    """Standard output does not take what is printed; `str(error)` is fit for a person to read."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(f"standard output could not be written: {cause.strerror or cause}")
        self._reader_has_left = isinstance(cause, BrokenPipeError)

    def told(self) -> int:
        """Say it on standard error, unless the reader has left, as `| head` does; returns the exit code."""
        if self._reader_has_left:
            return _PIPE_CLOSED
        with contextlib.suppress(OSError):
            print(f"error: {self}", file=sys.stderr)
        return _BAD_OUTPUT


@contextlib.contextmanager
def reliable_streams() -> Iterator[None]:
    """Inside, printing raises OutputFailed and no other error, also for what is still buffered at the end.

    Characters that the encoding lacks are spelled out; standard error that takes nothing is passed over. Streams
    that the program has replaced itself, as test runners do, are left alone.
    """
    _open_closed_ones()
    originals = sys.__stdout__, sys.__stderr__
    before = sys.stdout, sys.stderr = _present(sys.stdout, 1), _present(sys.stderr, 2)
    sys.stdout = _wrapped(before[0], originals[0], _Output)
    sys.stderr = _wrapped(before[1], originals[1], _Silent)
    wrapped = [stream for stream in (sys.stderr, sys.stdout) if isinstance(stream, _Output | _Silent)]
    try:
        yield
    finally:
        failures = [failure for stream in wrapped if (failure := _release(stream)) is not None]
        sys.stdout, sys.stderr = before
        if failures:
            raise failures[0]


def run_program(main: Callable[[], int | None]) -> NoReturn:
    """Run a program with reliable streams, and exit with the code that it returns.

    Standard output that takes nothing is a sentence and code 2, and code 141 where its reader has left.
    """
    try:
        with reliable_streams():
            code = main()
    except OutputFailed as failure:
        sys.exit(failure.told())
    sys.exit(code)


class _Output(io.TextIOWrapper):
    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise OutputFailed(error) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise OutputFailed(error) from None


class _Silent(io.TextIOWrapper):
    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()


def _present(stream: TextIO | None, number: int) -> TextIO:
    """The stream, or one for the number where Python made none because it was closed."""
    if stream is not None:
        return stream
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "wb", closefd=False)), "utf-8")


def _wrapped(stream: TextIO, original: TextIO | None, kind: type[_Output] | type[_Silent]) -> TextIO:
    if (original is not None and stream is not original) or not isinstance(stream, io.TextIOWrapper):
        return stream
    with contextlib.suppress(OSError):
        stream.flush()
    return kind(
        cast(Any, stream.buffer),
        stream.encoding,
        "backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _release(stream: _Output | _Silent) -> OutputFailed | None:
    """Leave the buffer to the stream that had it; what it cannot write is dropped, or Python would complain again."""
    failure = None
    try:
        stream.flush()
        stream.buffer.flush()
    except (OutputFailed, OSError) as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        failure = error if isinstance(error, OutputFailed) else OutputFailed(error)
    stream.detach()
    return failure if isinstance(stream, _Output) else None


def _open_closed_ones() -> None:
    """Keep the numbers 0 to 2 from files: writing to a closed standard output goes on to fail."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
            if opened == number:
                os.set_inheritable(number, True)
            else:
                os.dup2(opened, number)
                os.close(opened)
