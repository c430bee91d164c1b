"""The committed manifest names the committed files, and nothing else is served."""

from __future__ import annotations

import pytest

from seamline.core.spec import Spec
from seamline.exporting.install import verify, versions
from seamline.local.repository import check_versions
from tests.support.repositories import MODEL_REPOSITORY, configs


def test_every_committed_file_is_what_the_manifest_says() -> None:
    assert verify(MODEL_REPOSITORY) == [], "after changing a file: export/install.py --record"


def test_every_step_serves_the_same_set() -> None:
    check_versions(MODEL_REPOSITORY)


@pytest.mark.parametrize("step", configs(MODEL_REPOSITORY))
def test_the_manifest_has_the_fingerprints_of_the_spec(step: str) -> None:
    manifest = versions(MODEL_REPOSITORY)
    version = manifest.versions[manifest.current]
    spec = Spec.load(MODEL_REPOSITORY / step / str(manifest.current) / "spec.json")
    assert (spec.fingerprint, spec.detector_fingerprint) == (version.fingerprint, version.detector_fingerprint)
