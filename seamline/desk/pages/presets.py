"""Weights of parts saved by name, as the sliders of the search read and write them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel

from seamline.desk.context import TheDesk
from seamline.desk.people.dependencies import Analyst, Reader
from seamline.desk.presets import delete_preset, presets_of, save_preset
from seamline.desk.store.models import Preset

router = APIRouter()


class NamedWeights(BaseModel):
    """Part -> 0..1, under a name."""

    name: str
    weights: dict[str, float]


@router.get("/api/presets")
def own_presets(desk: TheDesk, user: Reader) -> list[dict[str, Any]]:
    """A person's own."""
    return [_plain(preset) for preset in presets_of(desk.store, user)]


@router.post("/api/presets")
def save(given: NamedWeights, desk: TheDesk, user: Analyst) -> dict[str, Any]:
    """Keep weights; what has this name is replaced."""
    return _plain(save_preset(desk.store, user, given.name, given.weights))


@router.delete("/api/presets/{preset_id}", status_code=204)
def forget(preset_id: Annotated[int, Path(ge=1, lt=2**31)], desk: TheDesk, user: Analyst) -> None:
    """Delete one."""
    delete_preset(desk.store, user, preset_id)


def _plain(preset: Preset) -> dict[str, Any]:
    return {"id": preset.id, "name": preset.name, "weights": preset.weights}
