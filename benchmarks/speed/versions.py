"""`python -m benchmarks.speed.versions OTHER PHOTOS`: what a photo costs in this checkout and in another one.

OTHER is a second checkout of this repository, such as `git worktree add ../before COMMIT` makes; PHOTOS a folder of
photos. Each has a process of its own, which goes from a photo's bytes to vectors; photos are asked of both in turns, so
that both meet the same machine. Times are milliseconds.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from benchmarks.arguments import add_json, add_photos, parser_of
from seamline.catalogue import photos_below
from seamline.core.output_files import write_text

_HERE = Path(__file__).resolve().parents[2]
_WARM_UP = 5
_WORKER = """
import sys, time
from pathlib import Path
from seamline.serving.weights import Weights
pipeline = Weights.of_repository(Path(sys.argv[1])).open_pipeline(threads=1)
for line in sys.stdin:
    data = Path(line.rstrip("\\n")).read_bytes()
    start = time.perf_counter()
    pipeline.embed(data)
    print(time.perf_counter() - start, flush=True)
"""


@dataclasses.dataclass(frozen=True)
class Speed:
    """Milliseconds of each photo in this checkout and in the other one."""

    here: tuple[float, ...]
    other: tuple[float, ...]

    def ratio(self, percentile: float) -> float:
        """This checkout's percentile over the other one's."""
        return float(np.percentile(self.here, percentile) / np.percentile(self.other, percentile))

    def __str__(self) -> str:
        lines = [
            f"p{percentile}: {np.percentile(self.here, percentile):.1f} ms here, "
            f"{np.percentile(self.other, percentile):.1f} ms there, ratio {self.ratio(percentile):.2f}"
            for percentile in (10, 50, 95)
        ]
        return "\n".join([f"{len(self.here)} photos, one thread each", *lines])

    def to_json(self) -> str:
        """All figures for programs."""
        ratios = {f"ratio_p{percentile}": self.ratio(percentile) for percentile in (10, 50, 95)}
        return json.dumps(dataclasses.asdict(self) | ratios, indent=2) + "\n"


class _Checkout:
    """A process that embeds photos with a checkout's own code and networks."""

    def __init__(self, root: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", _WORKER, str(root / "model_repository")]
        self._process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def embed(self, photo: Path) -> float:
        """Milliseconds. Raises RuntimeError where the process has ended."""
        wanted, answer = _pipes(self._process)
        wanted.write(f"{photo}\n")
        wanted.flush()
        line = answer.readline()
        if not line:
            raise RuntimeError("a checkout could not embed the photo; what it says stands above")
        return 1000 * float(line)

    def close(self) -> None:
        """End the process."""
        wanted, answer = _pipes(self._process)
        wanted.close()
        self._process.wait()
        answer.close()


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    return process.stdin, process.stdout


def measure(other: Path, photos: Sequence[Path]) -> Speed:
    """Embed each photo in both checkouts; which comes first changes from photo to photo."""
    checkouts, first = [_Checkout(_HERE), _Checkout(other)], photos[:_WARM_UP]
    times: list[list[float]] = [[], []]
    try:
        for number, photo in enumerate([*first, *photos]):
            for place in (0, 1) if number % 2 else (1, 0):
                took = checkouts[place].embed(photo)
                if number >= len(first):
                    times[place].append(took)
    finally:
        for checkout in checkouts:
            checkout.close()
    return Speed(*map(tuple, times))


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("benchmarks.speed.versions", __doc__)
    parser.add_argument("other", type=Path, help="another checkout of this repository")
    add_photos(parser)
    parser.add_argument("--requests", type=int, default=150, help="how many photos (default: %(default)s)")
    add_json(parser)
    options = parser.parse_args(given)
    photos = random.Random(options.seed).choices(list(photos_below(options.photos)), k=options.requests)
    speed = measure(options.other.resolve(), [photo.resolve() for photo in photos])
    print(speed)
    if options.json:
        write_text(options.json, speed.to_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
