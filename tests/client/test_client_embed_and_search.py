from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seamline.client import Client, to_jsonable
from seamline.client.tensors import BULK
from seamline.core.box_corners import boxes_around
from seamline.core.errors import BadBox, BadOption, BadPhoto, InternalError
from seamline.core.parts import Parts
from tests.support.scenes import EIGHT, NOTHING, ONE, Scene, SceneGarment, SceneHit, part_corners, vectors
from tests.support.wire_server import WireServer


def test_embed_returns_every_garment_in_the_photos_pixels(server: WireServer, client: Client, photo: bytes) -> None:
    server.scene = Scene((SceneGarment(), SceneGarment(vectors(2, absent=(0,)), category="skirt")))
    embedded = client.embed(photo)
    first, second = embedded.garments
    assert first.box == pytest.approx((30, 40, 270, 360))
    assert (first.category, second.category) == ("short sleeve top", "skirt")
    assert (first.number, second.number) == (0, 1)
    assert first.landmarks.shape == (22, 3)
    assert first.part_boxes.shape == (5, 4)
    assert second.part_visible.tolist() == [0, 1, 1, 1, 1]
    np.testing.assert_array_equal(second.vectors, vectors(2, absent=(0,)))
    assert embedded.photo_size == (300, 400)
    assert embedded.photo_sha256 == hashlib.sha256(photo).hexdigest()
    assert embedded.versions.fingerprint == "0011223344556677"


@pytest.mark.parametrize("degrees", [0, 90, 35])
def test_parts_of_garments_and_hits_have_corners_that_are_turned_with_them(
    server: WireServer, client: Client, photo: bytes, degrees: float
) -> None:
    server.scene = Scene((SceneGarment(turn=degrees, hits=(SceneHit("shop/1", turn=degrees),)),))
    (garment,) = client.search(photo).garments
    box = (30.0, 40.0, 270.0, 360.0)
    for found in (garment, garment.hits[0]):
        np.testing.assert_allclose(found.part_corners, part_corners(box, 5, degrees), atol=1e-3)
        np.testing.assert_allclose(found.part_boxes, boxes_around(found.part_corners), atol=1e-3)


def test_a_photo_may_be_given_as_a_path(client: Client, photo: bytes, tmp_path: Path) -> None:
    (tmp_path / "a photo.jpg").write_bytes(photo)
    assert client.embed(tmp_path / "a photo.jpg").photo_sha256 == client.embed(photo).photo_sha256


def test_a_photo_without_a_garment_gives_no_garments(server: WireServer, client: Client, photo: bytes) -> None:
    server.scene = NOTHING
    assert client.embed(photo).garments == ()
    assert client.search(photo).garments == ()


def test_a_box_travels_as_four_numbers(server: WireServer, client: Client, photo: bytes) -> None:
    client.embed(photo, box=(1, 2, 30.5, 40))
    assert server.calls[-1][1]["BOX"].tolist() == [1, 2, 30.5, 40]


@pytest.mark.parametrize("form", [np.array, np.ndarray.tolist], ids=["array", "lists"])
def test_landmarks_travel_with_a_photo(server: WireServer, client: Client, photo: bytes, form: Any) -> None:
    points = np.random.default_rng(0).uniform(size=(2, 22, 3))
    client.embed(photo, landmarks=form(points))
    client.search(photo, landmarks=form(points), box=(1, 2, 30, 40))
    for _, sent in server.calls:
        assert sent["GIVEN_LANDMARKS"].dtype == np.float32
        np.testing.assert_array_equal(sent["GIVEN_LANDMARKS"], points.astype(np.float32))
    assert set(server.calls[-1][1]) == {"IMAGE", "BOX", "GIVEN_LANDMARKS"}


def test_the_landmarks_of_an_answer_can_be_sent_again(server: WireServer, client: Client, photo: bytes) -> None:
    server.scene = Scene((SceneGarment(), SceneGarment(vectors(2))))
    found = client.embed(photo)
    client.embed(photo, landmarks=[garment.landmarks for garment in found.garments])
    assert server.calls[-1][1]["GIVEN_LANDMARKS"].shape == (2, 22, 3)


@pytest.mark.parametrize(
    ("landmarks", "told"),
    [
        ([[1, 2, 1]], "a list of garments"),
        ([], "a list of garments"),
        ([[[1, 2]]], "a list of garments"),
        ([[[1, 2, 1]], [[1, 2, 1], [3, 4, 1]]], "a list of garments"),
        ([[["left", 2, 1]]], "a list of garments"),
        ({"neck_left": [1, 2, 1]}, "a list of garments"),
        ([[[10**400, 2, 1]]], "a list of garments"),
        ([[[np.nan, np.nan, np.nan]]], "finite numbers"),
        ([[[None, 2, 1]]], "finite numbers"),
        ([[[1e300, 2, 1]]], "finite numbers"),
        ([[[1, 2, 1.01]]], "between 0 and 1"),
        ([[[1, 2, -1]]], "between 0 and 1"),
    ],
)
def test_impossible_landmarks_are_refused_before_the_wire(
    server: WireServer, client: Client, photo: bytes, landmarks: Any, told: str
) -> None:
    for call in (client.embed, client.search):
        with pytest.raises(BadOption, match=told):
            call(photo, landmarks=landmarks)
    assert server.calls == []


def test_options_that_are_not_given_are_not_sent(server: WireServer, client: Client, photo: bytes) -> None:
    client.search(photo)
    assert set(server.calls[-1][1]) == {"IMAGE"}


def test_options_travel_as_tensors(server: WireServer, client: Client, photo: bytes) -> None:
    client.search(
        photo,
        collection="l'été",
        top_k=3,
        ranking="weighted",
        weights={"chest": 0.4, "collar": 0.1},
        categories=["skirt", "vest"],
    )
    model, sent = server.calls[-1]
    assert model == "search"
    assert sent["COLLECTION"][0].decode() == "l'été"
    assert sent["TOP_K"].tolist() == [3]
    assert sent["RANKING"].tolist() == [b"weighted"]
    assert sent["PART_WEIGHTS"].tolist() == pytest.approx([0.1, 0.4, 0, 0, 0])
    assert sent["CATEGORIES"].tolist() == [b"skirt", b"vest"]


def test_hits_belong_to_their_garment_and_padding_is_dropped(server: WireServer, client: Client, photo: bytes) -> None:
    one = SceneGarment(hits=(SceneHit("shop/1", 5.0), SceneHit("shop/2", 3.0, mirrored=True)))
    server.scene = Scene((one, SceneGarment(hits=(SceneHit("shop/3", 4.0),)), SceneGarment()))
    found = client.search(photo)
    assert [[hit.item for hit in garment.hits] for garment in found.garments] == [
        ["shop/1", "shop/2"],
        ["shop/3"],
        [],
    ]
    assert [hit.item for hit in found.hits] == ["shop/1", "shop/3", "shop/2"]
    first, second = found.garments[0].hits
    assert first.id == "shop/1#0"
    assert np.isnan(first.part_similarity[4])
    assert first.copy_probability == pytest.approx(0.93)
    assert not first.mirrored
    assert second.mirrored
    assert first.box == (30, 40, 270, 360)
    assert first.part_boxes.shape == (5, 4)
    assert first.photo_sha256 == "ab" * 32
    assert found.versions.index is not None
    assert found.versions.index.rows == 1234


def test_a_hit_without_calibration_has_no_probability(server: WireServer, client: Client, photo: bytes) -> None:
    server.scene = Scene((SceneGarment(hits=(SceneHit("a", probability=float("nan")),)),))
    assert client.search(photo).hits[0].copy_probability is None


def test_results_become_valid_json(server: WireServer, client: Client, photo: bytes) -> None:
    server.scene = Scene((SceneGarment(hits=(SceneHit('"; DROP'),)),))
    text = json.dumps(to_jsonable(client.search(photo)), allow_nan=False)
    data = json.loads(text)
    assert data["garments"][0]["hits"][0]["part_similarity"][4] is None
    assert "vectors" not in data["garments"][0]
    assert len(to_jsonable(client.embed(photo), vectors=True)["garments"][0]["vectors"]) == 5


def test_options_that_cannot_be_sent_are_refused_before_the_wire(
    server: WireServer, client: Client, photo: bytes
) -> None:
    with pytest.raises(BadOption, match="out of range"):
        client.search(photo, top_k=2**40)
    with pytest.raises(BadBox, match="four numbers"):
        client.embed(photo, box=(1, 2, 3))
    assert server.calls == []


def test_weights_are_named_by_the_parts_of_the_servers_system(server: WireServer, client: Client, photo: bytes) -> None:
    client.search(photo, weights={"chest": 1})
    client.search(photo, weights={"waist": 2})
    searches = [inputs["PART_WEIGHTS"].tolist() for name, inputs in server.calls if name == "search"]
    assert searches == [[0, 1, 0, 0, 0], [0, 0, 2, 0, 0]]
    assert len(server.calls) == 3, "the parts are asked for once"
    with pytest.raises(BadOption, match="no part 'colar'"):
        client.search(photo, weights={"colar": 1})


def test_a_missing_file_is_a_bad_photo(client: Client, tmp_path: Path) -> None:
    with pytest.raises(BadPhoto, match="No such file"):
        client.embed(tmp_path / "none.jpg")
    with pytest.raises(BadPhoto, match="directory"):
        client.embed(tmp_path)


@pytest.mark.parametrize("missing", ["fingerprint", "copy_slope"])
def test_an_answer_of_another_version_is_named_as_such(
    server: WireServer, client: Client, photo: bytes, missing: str
) -> None:
    del server.versions[missing]
    with pytest.raises(InternalError, match="different versions"):
        client.embed(photo)


def test_versions_and_readiness_come_from_an_inference(server: WireServer, client: Client) -> None:
    assert client.versions().kept_above == (0.8, 0.75, 0.7, 0.8, 0.8)
    assert client.ready()
    server.stop()
    assert not Client(server.address, timeout=1, retries=0).ready()


@pytest.mark.parametrize(("bulk", "level"), [(False, 0), (True, BULK)])
def test_a_job_that_can_wait_says_so(server: WireServer, photo: bytes, bulk: bool, level: int) -> None:
    with Client(server.address, bulk=bulk) as client:
        client.embed(photo)
        client.search(photo)
    assert server.priorities == [level, level]


@pytest.mark.parametrize("parts", [ONE, EIGHT], ids=["one part", "eight parts"])
def test_a_named_system_answers_with_its_own_parts(server: WireServer, photo: bytes, parts: Parts) -> None:
    server.systems["psnet"] = parts
    count = len(parts)
    hit = SceneHit("shop/1", similarity=(0.9,) * count)
    server.scene = Scene((SceneGarment(vectors(1, parts=count), (hit,)),))
    with Client(server.address, system="psnet") as client:
        found = client.search(photo, weights={parts.names[0]: 1.0})
    assert [model for model, _ in server.calls] == ["embed_psnet", "search_psnet"]
    assert found.versions.system == "psnet"
    assert found.versions.parts == parts
    assert server.calls[-1][1]["PART_WEIGHTS"].tolist() == [1.0] + [0.0] * (count - 1)
    assert found.hits[0].part_similarity.shape == (count,)
    assert found.garments[0].vectors.shape == (count, parts.dimension)
