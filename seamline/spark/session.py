"""A Spark context: the one that spark-submit prepared, one on a named cluster, or a quiet one on this machine alone."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark import SparkConf, SparkContext

from seamline.spark.java import java_home

_LOCAL = re.compile(r"local(\[(\*|\d+)\])?")
_ATTEMPTS = 4  # what a cluster gives a task; Spark's local mode gives one where the master does not name more
_SMALL_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # it hands out work; the processors are for embedding
_QUIET = """\
rootLogger.level = off
rootLogger.appenderRef.errors.ref = errors
appender.errors.type = Console
appender.errors.name = errors
appender.errors.target = SYSTEM_ERR
"""


@contextmanager
def spark_context(master: str | None) -> Iterator[SparkContext]:
    """A context on `master`; without one, spark-submit's, or else all processors of this machine.

    Raises Unsupported when a JVM has to be started here and there is no Java for it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="seamline-spark-") as folder,
        _kept_environment(),
        warnings.catch_warnings(),
    ):
        # Spark looks at pandas whether or not a job uses it, and finds every new one too new.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        conf = SparkConf().setAppName("seamline")
        if "PYSPARK_GATEWAY_PORT" not in os.environ:
            _prepare(conf, master, Path(folder))
        context = SparkContext(conf=conf)
        try:
            yield context
        finally:
            context.stop()


@contextmanager
def _kept_environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def with_attempts(master: str) -> str:
    """A local master whose tasks are tried again as on a cluster; any other as it is."""
    found = _LOCAL.fullmatch(master)
    return master if found is None else f"local[{found[2] or 1},{_ATTEMPTS}]"


def _prepare(conf: SparkConf, master: str | None, folder: Path) -> None:
    named = master or conf.get("spark.master") or "local[*]"
    conf.setMaster(with_attempts(named))
    # Java finds no file with an accent in its path where the locale is C, and its starter then waits for ever.
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["JAVA_HOME"] = str(java_home(folder))
    if named.startswith("local"):
        _keep_local(conf, folder)


def _keep_local(conf: SparkConf, folder: Path) -> None:
    """Nothing listens beyond this machine, and what Spark would log is left to the errors that reach the caller."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    logging = folder / "log4j2.properties"
    logging.write_text(_QUIET, encoding="utf-8")
    java = f"{_SMALL_JAVA} -Dlog4j2.configurationFile={logging.as_uri()}"
    conf.setAll(
        [
            ("spark.log.level", "OFF"),
            ("spark.ui.enabled", "false"),
            ("spark.ui.showConsoleProgress", str(sys.stderr.isatty()).lower()),
            ("spark.driver.host", "127.0.0.1"),
            ("spark.driver.bindAddress", "127.0.0.1"),
            ("spark.local.dir", str(folder)),
            ("spark.driver.extraJavaOptions", java),
            ("spark.executor.extraJavaOptions", java),
        ]
    )
