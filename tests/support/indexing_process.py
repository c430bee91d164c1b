"""Index a folder in a process of its own, with the embedder that needs no server: what a test kills.

python -m tests.support.indexing_process FOLDER MILVUS JOURNAL
"""

from __future__ import annotations

import sys
from pathlib import Path

from seamline.catalogue import Batching, Options, RunContext, index_items, open_source
from seamline.index import Index
from tests.support.bytes_embedder import BytesEmbedder


def main() -> None:
    folder, uri, journal = sys.argv[1:]
    options = Options(in_flight=3, batching=Batching(rows=5, flush=8, seconds=0.2))
    context = RunContext(journal=Path(journal), report=lambda progress: print(progress.done, flush=True))
    index_items(open_source(Path(folder)), BytesEmbedder(seconds=0.02), Index(uri), "killed", options, context)


if __name__ == "__main__":
    main()
