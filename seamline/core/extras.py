"""What an optional dependency that is missing says: one sentence with the extra that brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seamline.core.errors import Unsupported


@contextmanager
def requires_extra(extra: str, what: str) -> Iterator[None]:
    """Around imports: raises Unsupported for a package that is not installed, with the command that brings it.

    `what` is the subject of the sentence, in the plural.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "a package").partition(".")[0]
        if package == "seamline":
            raise
        raise Unsupported(f"{what} need {package}: pip install 'seamline[{extra}]'") from error
