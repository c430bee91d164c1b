"""`python -m benchmarks.scale build|search|deep|report PHOTOS --folder DIR`: vector search from ten thousand to a
million garments on a real Milvus server.

`build` fills a server for each size of --rows and keeps its data in DIR; a run that was stopped goes on. `search`
starts all servers in DIR and measures them interleaved against the exact answer; `deep` times
them for the most hits that a request may ask for. `report` prints the tables of what DIR
holds. PHOTOS holds flatlay/; the vectors of its garments are computed once and kept in --cache.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.arguments import add_json, add_model_repository, add_photos, parser_of
from benchmarks.scale.run import Options, build_all, deep_all, report_all, search_all
from seamline.core.errors import SeamlineError


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    fields = {field.name: getattr(arguments, field.name) for field in dataclasses.fields(Options)}
    actions = {"build": build_all, "search": search_all, "deep": deep_all, "report": report_all}
    try:
        with contextlib.closing(_Output(arguments.json)) as output:
            actions[arguments.action](Options(**fields), output.say, output.keep)
    except SeamlineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


class _Output:
    """Standard output, and a JSON file for figures where one is asked for."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._kept: dict[str, object] = {}

    def say(self, text: str) -> None:
        print(text, flush=True)

    def keep(self, name: str, value: object) -> None:
        self._kept[name] = value

    def close(self) -> None:
        if self._file is not None and self._kept:
            self._file.write_text(json.dumps(self._kept, indent=2) + "\n", encoding="utf-8")


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    cache = Path.home() / ".cache" / "seamline"
    parser = parser_of("benchmarks.scale", __doc__)
    parser.add_argument("action", choices=("build", "search", "deep", "report"))
    add_photos(parser, "folder with flatlay/")
    parser.add_argument("--folder", type=Path, default=cache / "scale", help="where servers' data and figures are kept")
    parser.add_argument("--cache", type=Path, default=cache / "quality", help="where vectors of photos are kept")
    add_model_repository(parser)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="garments")
    parser.add_argument(
        "--label", dest="labels", nargs="+", default=["hnsw"], help="variants, by the names of their folders"
    )
    parser.add_argument(
        "--settings", type=Path, help="index settings of the variant, a TOML file (default: seamline's)"
    )
    parser.add_argument("--segment", type=int, default=16_384, help="largest segment in MB")
    parser.add_argument("--faiss", action="store_true", help="build: also an HNSW index of FAISS")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--candidates", type=int, default=16, help="search: the least rows that a query vector brings")
    parser.add_argument("--search-width", type=int, default=100, help="search: the least rows that the index looks at")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--niceness", type=int, default=0, help="of the servers")
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
