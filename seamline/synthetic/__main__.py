"""Draw a sample catalogue: `python -m seamline.synthetic FOLDER --garments 240 --seed 0`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from seamline.core.streams import run_program
from seamline.synthetic.catalogue import draw_catalogue, plan
from seamline.synthetic.people import draw_people


def main() -> None:
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(prog="python -m seamline.synthetic", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the photos and manifest.json go")
    parser.add_argument("--garments", type=int, default=240, help="photos in all, a sixth of them copies (default 240)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same photos (default 0)")
    parser.add_argument("--processes", type=int, default=2, help="how many draw at once (default 2)")
    parser.add_argument("--people", type=Path, help="folder for photos of people who wear copies of some garments")
    parser.add_argument("--count", type=int, default=12, help="how many people (default 12)")
    options = parser.parse_args()
    copies = options.garments // 6
    live = sys.stderr.isatty()

    def show(done: int, total: int) -> None:
        if live or done == total:
            print(f"\r{done} of {total} garments drawn", end="" if done < total else "\n", file=sys.stderr, flush=True)

    draw_catalogue(options.folder, options.garments - copies, copies, options.seed, show, options.processes)
    if options.people:
        people = draw_people(options.people, plan(options.garments - copies, copies, options.seed), options.count)
        print(f"{len(people['people'])} people drawn", file=sys.stderr)


if __name__ == "__main__":
    run_program(main)
