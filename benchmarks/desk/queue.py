"""`python -m benchmarks.desk.queue`: how long people wait at a full queue, from one card to the next.

Fills a new store with suspects, opens a desk over it and lets people judge at once, each over a connection of their
own: a verdict, then one more card, as the page does behind the card that it shows meanwhile. Nobody may get a card that
another one has had.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_json, parser_of
from benchmarks.desk.opened import opened_desk
from benchmarks.desk.suspects import filled
from seamline.core.output_files import write_text
from seamline.desk.people.dependencies import CSRF_HEADER
from seamline.desk.people.identity import csrf_of, secret_in
from seamline.desk.people.person import Person, key_of
from seamline.desk.people.user import Role, User
from seamline.desk.people.users_format import people_changed
from seamline.desk.store import open_store

_HAND, _USER = 4, "X-Bench-User"


@dataclasses.dataclass(frozen=True)
class Figures:
    """Milliseconds from a verdict until the next card is there: median, 99th percentile, longest. `database`: its kind;
    `verdicts`: in all; `rate`: a second; `twice`: cards that were given to two people."""

    database: str
    suspects: int
    people: int
    verdicts: int
    rate: float
    p50: float
    p99: float
    longest: float
    twice: int


def main(given: Sequence[str] | None = None) -> int:
    """The command line; 1 where a card was given twice."""
    arguments = _arguments(given)
    found = []
    with tempfile.TemporaryDirectory(prefix="seamline-queue-") as folder:
        for place, url in enumerate([f"sqlite:///{folder}/desk.sqlite3", *arguments.database]):
            found.append(measure(Path(folder) / str(place), url, arguments))
    _show(found)
    if arguments.json is not None:
        write_text(arguments.json, json.dumps([dataclasses.asdict(one) for one in found], indent=2) + "\n")
    return int(any(one.twice for one in found))


def measure(folder: Path, url: str, arguments: argparse.Namespace) -> Figures:
    """Fill the empty database at `url` and let people judge for a while."""
    people = [f"person{number}" for number in range(arguments.people)]
    with closing(open_store(url)) as store:
        watch = filled(store, arguments.suspects, arguments.seed)
    os.sync()  # what was just filled in is not to be written while verdicts are
    with _desk(folder, url, people) as address, ThreadPoolExecutor(len(people)) as pool:
        judges = [_Judge(address, folder, name, watch, arguments) for name in people]
        began = time.monotonic()
        list(pool.map(_Judge.work, judges))
        seconds = time.monotonic() - began
    waits = np.array([wait for judge in judges for wait in judge.waits]) * 1000
    given = [card for judge in judges for card in judge.given]
    p50, p99 = np.percentile(waits, [50, 99]).tolist()
    kind = urlsplit(url).scheme.partition("+")[0]
    figures = (arguments.suspects, len(people), len(waits), len(waits) / seconds, p50, p99, float(waits.max()))
    return Figures(kind, *figures, len(given) - len(set(given)))


class _Judge:
    """One person, with as many cards in hand as the page has."""

    def __init__(self, address: str, folder: Path, name: str, watch: str, arguments: argparse.Namespace) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        csrf = csrf_of(secret_in(folder), name)
        self._headers = {"Origin": address, _USER: name, CSRF_HEADER: csrf, "Content-Type": "application/json"}
        self._watch, self._seconds, self._pause = watch, arguments.seconds, arguments.pause
        self._draw = random.Random(f"{arguments.seed} {name}")
        self.waits: list[float] = []
        self.given: list[str] = []

    def work(self) -> None:
        """Judge until the time is over."""
        time.sleep(self._draw.uniform(0, self._pause))  # people do not press keys in step
        hand = self._cards([], _HAND)
        end = time.monotonic() + self._seconds
        while hand and time.monotonic() < end:
            time.sleep(self._draw.uniform(0.5, 1.5) * self._pause)
            began = time.monotonic()
            card = hand.pop(0)
            self._send(f"/api/suspects/{card['id']}/verdict", {"verdict": self._draw.choice(["copy", "not_copy"])})
            hand += self._cards(hand or [card], 1)
            self.waits.append(time.monotonic() - began)
        self._connection.close()

    def _cards(self, hand: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
        asked = {"count": count, "skip": [card["id"] for card in hand]}
        in_hand = {"in_hand": hand[-1]["seller"]} if hand else {}
        cards: list[dict[str, Any]] = self._send(f"/api/queue/{self._watch}/next", asked | in_hand)
        self.given += [card["id"] for card in cards]
        return cards

    def _send(self, path: str, body: dict[str, Any]) -> Any:
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content.decode()}")
        return json.loads(content)


@contextmanager
def _desk(folder: Path, url: str, people: Sequence[str]) -> Iterator[str]:
    """A desk of these people, who are known by a header; its address."""
    users = folder / "users.toml"
    folder.mkdir()
    with people_changed(users) as entered:
        entered |= {key_of(name): Person(User(name, Role.ANALYST), None) for name in people}
    options = ["--database", url, "--users", str(users), "--identity-header", _USER, "--url", "127.0.0.1:9"]
    with opened_desk(folder, *options) as address:
        yield address


def _show(found: Sequence[Figures]) -> None:
    table = Table()
    for name in ("database", "suspects", "people", "verdicts", "a second", "p50 ms", "p99 ms", "longest ms", "twice"):
        table.add_column(name, justify="left" if name == "database" else "right")
    for one in found:
        counts = (f"{value:,}" for value in (one.suspects, one.people, one.verdicts))
        times = (f"{value:.1f}" for value in (one.rate, one.p50, one.p99, one.longest))
        table.add_row(one.database, *counts, *times, str(one.twice))
    Console().print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.desk.queue", __doc__)
    parser.add_argument("--suspects", type=int, default=100_000, help="in the queue (default: %(default)s)")
    parser.add_argument("--people", type=int, default=20, help="who judge at once (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=15.0, help="for which they do (default: %(default)s)")
    parser.add_argument(
        "--pause", type=float, default=1.0, help="mean seconds that a person looks at a card (default: %(default)s)"
    )
    parser.add_argument(
        "--database", metavar="URL", action="append", default=[], help="empty PostgreSQL to measure as well; repeatable"
    )
    parser.add_argument("--seed", type=int, default=0, help="chooses sellers, probabilities and pauses")
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
