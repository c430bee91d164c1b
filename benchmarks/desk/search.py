"""`python -m benchmarks.desk.search COLLECTION PHOTO...`: how long the desk takes for a search, over the search itself.

Asks the running server for every photo in turn through the SDK and through a desk of its own, which also keeps photo
and answer. Each time the photo is another file, as photos that people send are.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import parser_of
from benchmarks.desk.opened import opened_desk
from benchmarks.scale.timing import seconds
from seamline.client import Client
from seamline.desk.people.dependencies import CSRF_HEADER
from seamline.desk.people.identity import csrf_of, secret_in
from seamline.desk.people.user import LOCAL_USER


@dataclass(frozen=True)
class Figures:
    """Medians in milliseconds of `photo`, and of their ratio over all pairs."""

    photo: str
    top_k: int
    search: float
    desk: float
    ratio: float


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    with tempfile.TemporaryDirectory(prefix="seamline-desk-") as name, Client(timeout=60, retries=100) as client:
        folder = Path(name)
        with opened_desk(folder, "--url", client.address) as address:
            desk = _Desk(address, folder, arguments.collection)
            asked = [(photo, top_k) for photo in arguments.photos for top_k in arguments.top_k]
            _show([_measured(client, desk, photo, top_k, arguments) for photo, top_k in asked])
    return 0


class _Desk:
    def __init__(self, address: str, folder: Path, collection: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        csrf = csrf_of(secret_in(folder), LOCAL_USER.name)
        self._headers = {"Origin": address, CSRF_HEADER: csrf, "Content-Type": "application/octet-stream"}
        self._collection = quote(collection)

    def search(self, photo: bytes, top_k: int) -> None:
        path = f"/api/search?name=photo.jpg&collection={self._collection}&top_k={top_k}"
        self._connection.request("POST", path, photo, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {content.decode()}")


def _measured(client: Client, desk: _Desk, photo: Path, top_k: int, arguments: argparse.Namespace) -> Figures:
    """The first of all pairs only warms up."""
    pairs = []
    for number in range(arguments.requests + 1):
        one, other = _another(photo, 2 * number), _another(photo, 2 * number + 1)
        alone = seconds(lambda one=one: client.search(one, collection=arguments.collection, top_k=top_k))  # type: ignore[misc]
        pairs.append((alone, seconds(lambda other=other: desk.search(other, top_k))))  # type: ignore[misc]
    search, through = zip(*pairs[1:], strict=True)
    ratios = [there / alone for alone, there in pairs[1:]]
    middle = statistics.median
    return Figures(photo.name, top_k, 1000 * middle(search), 1000 * middle(through), middle(ratios))


def _another(photo: Path, number: int) -> bytes:
    """The same picture as a file of its own, by one pixel."""
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    picture.putpixel((number % picture.width, 0), (number % 256, 0, 0))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)
    return file.getvalue()


def _show(found: Sequence[Figures]) -> None:
    table = Table("photo", "hits", "search, ms", "desk, ms", "desk over search")
    for one in found:
        table.add_row(one.photo, str(one.top_k), f"{one.search:.0f}", f"{one.desk:.0f}", f"{one.ratio:.2f}")
    Console().print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.desk.search", __doc__)
    parser.add_argument("collection", help="of the server that runs here or that SEAMLINE_URL names")
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--top-k", type=int, nargs="+", default=[20, 200], help="hits (default: 20 200)")
    parser.add_argument("--requests", type=int, default=15, help="of each kind (default: %(default)s)")
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
