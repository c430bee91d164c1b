from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.desk.casefile.archive import write_archive
from tests.desk.casefile.cases import case
from tests.support.authority import Authority

PAGE = "<!DOCTYPE html><p>é</p>"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A case file without a time stamp."""
    file = tmp_path / "case.zip"
    write_archive(file, case(), evidence_html=PAGE, pdf=b"%PDF-1.7", timestamp=None)
    return file


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A time stamp authority that answers."""
    with Authority(tmp_path_factory.mktemp("authority")) as running:
        yield running
