"""Search one photo with each part in turn counting alone: what does the collar find, what the chest?

python clients/examples/part_sliders.py PHOTO --collection catalogue
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seamline.client import Client
from seamline.core.printable import printable
from seamline.core.streams import run_program


def main() -> None:
    """Print the best three items for every part of every garment."""
    parser = argparse.ArgumentParser(description="Search with one part at a time.")
    parser.add_argument("photo", type=Path)
    parser.add_argument("--collection", default="catalogue")
    parser.add_argument("--system")
    parser.add_argument("--url")
    options = parser.parse_args()
    with Client(options.url, system=options.system) as client:
        for part in client.versions().parts.names:
            found = client.search(options.photo, collection=options.collection, top_k=3, weights={part: 1.0})
            for garment in found.garments:
                best = ", ".join(f"{printable(hit.item)} ({hit.score:.2f})" for hit in garment.hits)
                print(f"garment {garment.number + 1}, {part.replace('_', ' ')}: {best or 'no hit'}")


if __name__ == "__main__":
    run_program(main)
