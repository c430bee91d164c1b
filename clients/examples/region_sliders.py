"""Search one photo with each region in turn counting alone: what does the collar find, what the chest?

python clients/examples/region_sliders.py PHOTO --collection catalogue
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seamline.client import Client


def main() -> None:
    """Print the best three items for every region of every garment."""
    parser = argparse.ArgumentParser(description="Search with one region at a time.")
    parser.add_argument("photo", type=Path)
    parser.add_argument("--collection", default="catalogue")
    parser.add_argument("--url")
    given = parser.parse_args()
    with Client(given.url) as client:
        for region in client.versions().parts.names:
            found = client.search(given.photo, collection=given.collection, top_k=3, weights={region: 1.0})
            for garment in found.garments:
                best = ", ".join(f"{hit.item} ({hit.score:.2f})" for hit in garment.hits)
                print(f"garment {garment.number + 1}, {region.replace('_', ' ')}: {best or 'no hit'}")


if __name__ == "__main__":
    main()
