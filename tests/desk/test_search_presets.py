"""Weights of parts by name."""

from __future__ import annotations

import pytest

from seamline.core.errors import BadOption, NotFound
from seamline.desk.presets import delete_preset, presets_of, save_preset
from seamline.desk.store import Store
from tests.support.desk import DeskClient
from tests.support.desk_records import ANNA, BEN

SLEEVES = {"left_sleeve": 1.0, "right_sleeve": 0.5}


def test_weights_are_found_again_by_whoever_saved_them_and_by_nobody_else(store: Store) -> None:
    save_preset(store, ANNA, "  only   sleeves ", SLEEVES)
    save_preset(store, BEN, "collar", {"collar": 1.0})
    assert [(preset.name, preset.weights) for preset in presets_of(store, ANNA)] == [("only sleeves", SLEEVES)]


def test_a_name_that_is_saved_again_has_the_new_weights(store: Store) -> None:
    first = save_preset(store, ANNA, "sleeves", SLEEVES)
    again = save_preset(store, ANNA, "sleeves", {"collar": 0.25})
    assert again.id == first.id
    assert [preset.weights for preset in presets_of(store, ANNA)] == [{"collar": 0.25}]


def test_nobody_deletes_the_weights_of_others(store: Store) -> None:
    saved = save_preset(store, ANNA, "sleeves", SLEEVES)
    with pytest.raises(NotFound):
        delete_preset(store, BEN, saved.id)
    delete_preset(store, ANNA, saved.id)
    assert presets_of(store, ANNA) == []


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        (" ", SLEEVES),
        ("x" * 61, SLEEVES),
        ("none", {}),
        ("zero", {"collar": 0.0}),
        ("negative", {"collar": -0.1, "chest": 1.0}),
        ("large", {"collar": 1.5}),
        ("no number", {"collar": float("nan")}),
        ("many", {f"part {place}": 1.0 for place in range(63)}),
    ],
)
def test_names_and_weights_that_are_none_are_refused(store: Store, name: str, weights: dict[str, float]) -> None:
    with pytest.raises(BadOption):
        save_preset(store, ANNA, name, weights)
    assert presets_of(store, ANNA) == []


def test_the_routes_save_list_and_delete(desk: DeskClient) -> None:
    saved = desk.change("/api/presets", {"name": "sleeves\u202e", "weights": SLEEVES})
    assert desk.get("/api/presets").json() == [{"id": saved["id"], "name": "sleeves\\u202e", "weights": SLEEVES}]
    assert desk.change(f"/api/presets/{saved['id']}", method="DELETE") is None
    assert desk.get("/api/presets").json() == []
    assert desk.delete(f"/api/presets/{saved['id']}").status_code == 404
    assert desk.delete(f"/api/presets/{10**30}").status_code == 400
