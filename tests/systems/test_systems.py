from __future__ import annotations

import subprocess
import sys

import pytest

from seamline.core.errors import BadOption
from seamline.core.spec import Spec
from seamline.systems import DEFAULT, SYSTEMS, ensembles_of, system_named


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_bears_its_name_and_its_spec_survives_a_round_trip(name: str) -> None:
    system = system_named(name)
    spec = system.spec()
    assert (system.name, spec.system) == (name, name)
    assert system.spec_type.from_json(spec.to_json()) == spec
    assert Spec.from_json(spec.to_json()).to_json() == spec.to_json()
    assert not list(spec.own_problems())


def test_the_default_systems_ensembles_bear_no_name() -> None:
    assert ensembles_of() == ensembles_of(DEFAULT)
    assert ensembles_of("psnet").search == "search_psnet"


def test_an_unknown_system_lists_those_that_there_are() -> None:
    with pytest.raises(BadOption, match=", ".join(SYSTEMS)):
        system_named("psnext")


def test_descriptions_need_no_torch() -> None:
    program = (
        "import sys; from seamline.systems import SYSTEMS, system_named; "
        "[system_named(name) for name in SYSTEMS]; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
