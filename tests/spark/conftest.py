from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seamline.core.errors import Unsupported
from tests.support.wire_server import WireServer

if TYPE_CHECKING:
    from pyspark import SparkContext

    from tests.spark.listing import Listing

pytest.importorskip("pyarrow", reason="pyarrow is missing: pip install 'seamline[spark]'")


@pytest.fixture
def listing(tmp_path: Path) -> Iterator[Listing]:
    """An empty listing and the server that embeds it."""
    from tests.spark.listing import Listing

    folder = tmp_path / "photos"
    folder.mkdir()
    with WireServer() as server:
        yield Listing(folder, server)


@pytest.fixture(scope="session")
def spark_here() -> None:
    """Skips where Spark cannot run."""
    from seamline.spark.java import java_home

    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is missing: pip install 'seamline[spark]'")
    with tempfile.TemporaryDirectory() as folder:
        try:
            java_home(Path(folder))
        except Unsupported as error:
            pytest.skip(str(error))


@pytest.fixture(scope="session")
def context(spark_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkContext]:
    """One Spark for all tests that only use it, with a temporary folder that Java does not find by itself."""
    from seamline.spark.session import spark_context

    folder = tmp_path_factory.mktemp("spark") / "ö シ"
    folder.mkdir()
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as start:
            start.setenv("LC_ALL", "C")
            start.setenv("TMPDIR", str(folder))
            start.setattr(tempfile, "tempdir", None)
            running = stack.enter_context(spark_context("local[2,3]"))
        yield running
