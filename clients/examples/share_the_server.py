"""Send many photos to a server that others use too: as many requests in flight as it takes, fewer when it refuses.

python clients/examples/share_the_server.py FOLDER --most 16

A server whose queues are full answers UNAVAILABLE at once. Asking again immediately would keep it full, so this client
halves the number of its requests in flight, waits a moment, and repeats the refused photo; every round of answers
allows one more in flight (additive increase, multiplicative decrease, as TCP does). Prints one JSON line per photo.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from seamline.catalogue import photos_below
from seamline.client import Client, Embedded
from seamline.core.errors import DeadlineExceeded, SeamlineError, Unavailable
from seamline.core.printable import printable
from seamline.core.streams import run_program


class InFlight:
    """How many requests may be in flight at the moment: from 1 to `most`. Shared by threads."""

    def __init__(self, most: int) -> None:
        self.most, self.allowed = most, 1.0
        self._running = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait until one more request may be sent, and count it while it runs."""
        with self._changed:
            self._changed.wait_for(lambda: self._running < int(self.allowed))
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def answered(self) -> None:
        """A request was answered: after a round of answers, one more is allowed."""
        with self._changed:
            self.allowed = min(self.allowed + 1 / self.allowed, float(self.most))
            self._changed.notify_all()

    def refused(self) -> None:
        """A request was refused: half as many are allowed."""
        with self._changed:
            self.allowed = max(self.allowed / 2, 1.0)


def embed(client: Client, photo: Path, in_flight: InFlight, attempts: int) -> Embedded:
    """The photo's garments. Raises Unavailable when the server refused it `attempts` times, and what `embed` raises."""
    for attempt in range(1, attempts + 1):
        try:
            with in_flight.one():
                found = client.embed(photo)
        except DeadlineExceeded:
            raise
        except Unavailable:
            in_flight.refused()
            if attempt == attempts:
                raise
            time.sleep(random.uniform(0.05, 0.1) * 2 ** min(attempt, 6))
        else:
            in_flight.answered()
            return found
    raise ValueError("attempts must be at least 1")


def main() -> int:
    """Print what was found in every photo of the folder; 1 when one of them failed."""
    given = _arguments()
    photos = list(photos_below(given.folder))
    in_flight = InFlight(given.most)
    with Client(given.url, retries=0) as client, ThreadPoolExecutor(given.most) as pool:
        lines = list(pool.map(lambda photo: _line(client, photo, in_flight, given.attempts), photos))
    return int(not all(lines))


def _line(client: Client, photo: Path, in_flight: InFlight, attempts: int) -> bool:
    try:
        found = embed(client, photo, in_flight, attempts)
    except SeamlineError as error:
        print(printable(f"{photo}: {error}"), file=sys.stderr)
        return False
    categories = [garment.category for garment in found.garments]
    print(json.dumps({"photo": str(photo), "garments": categories}), flush=True)
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Embed a folder without crowding others out.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=16, help="requests in flight at the most")
    parser.add_argument("--attempts", type=int, default=20, help="how often a refused photo is sent")
    parser.add_argument("--url")
    return parser.parse_args()


if __name__ == "__main__":
    run_program(main)
