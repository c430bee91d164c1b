"""Indexing from the browser: what may be indexed, uploads, and jobs that stop and go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from seamline.core.errors import BadOption
from seamline.desk.catalogue.folders import allowed_source
from seamline.desk.errors import NotAllowed
from seamline.desk.settings import DeskSettings
from seamline.desk.store.models import IndexJob, StoredPhoto, UploadedPhoto
from seamline.index import Index
from tests.support.desk import DeskClient, desk_client
from tests.support.photos import jpeg

if TYPE_CHECKING:
    from collections.abc import Callable

    from seamline.local import LocalServer

NAME = "sent_photos"


@pytest.fixture
def indexing_desk(catalogue: LocalServer, drawn: tuple[Path, Path], tmp_path: Path) -> Iterator[DeskClient]:
    """A desk that may index below a folder of its own, which holds some photos and two ways out."""
    below = tmp_path / "below"
    below.mkdir()
    for name in ("garment-0001.jpg", "garment-0002.jpg"):
        (below / name).write_bytes((drawn[0].parent / name).read_bytes())
    (below / "out.jpg").symlink_to(drawn[0].parent / "garment-0003.jpg")
    (below / "outside").symlink_to(drawn[0].parent)
    settings = DeskSettings(
        folder=tmp_path / "desk",
        server=catalogue.endpoints.grpc,
        milvus=str(catalogue.endpoints.milvus),
        indexed_folders=(below,),
    )
    with desk_client(settings) as client:
        yield client
    with closing(Index(catalogue.endpoints.milvus)) as index:
        for name in set(index.names()) - {"originals", "listings"}:
            index.drop(name)


def job_of(client: DeskClient, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(job for job in client.get("/api/jobs").json()["jobs"] if job["id"] == job_id)
    return found


def ended(client: DeskClient, job_id: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while (job := job_of(client, job_id))["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.1)
    return job


def send_photo(client: DeskClient, job_id: str, photo: bytes, **about: str) -> Any:
    return client.post("/api/uploads", params={"job": job_id, **about}, content=photo)


def test_only_folders_below_the_named_ones_are_indexed(tmp_path: Path) -> None:
    below = tmp_path / "below"
    (below / "in").mkdir(parents=True)
    (below / "out").symlink_to(tmp_path)
    assert allowed_source([below], "in") == allowed_source([below], str(below / "in")) == below / "in"
    for named in ("/etc", "..", "in/../..", "out", str(tmp_path)):
        with pytest.raises(NotAllowed, match="--index-below"):
            allowed_source([below], named)
    with pytest.raises(NotAllowed, match="--index-below"):
        allowed_source([], str(below))
    for named in ("missing", "a\0b"):
        with pytest.raises(BadOption):
            allowed_source([below], named)


@pytest.mark.server
def test_a_folder_is_indexed_without_the_photos_that_links_lead_out_to(indexing_desk: DeskClient) -> None:
    job = indexing_desk.change("/api/jobs", {"collection": NAME, "folder": "."})
    done = ended(indexing_desk, job["id"])
    assert (done["state"], done["progress"]["indexed"], done["progress"]["failed"]) == ("done", 2, 1)
    assert done["progress"]["failures"][0]["photo"] == "out.jpg"
    assert "lies outside" in indexing_desk.get(f"/catalogue/jobs/{job['id']}/failures.jsonl").text
    refused = indexing_desk.post("/api/jobs", json={"collection": NAME, "folder": "outside"})
    assert (refused.status_code, "--index-below" in refused.json()["error"]) == (403, True)


@pytest.mark.server
def test_photos_that_were_sent_are_indexed_by_item_and_found(
    indexing_desk: DeskClient, photo_of: Callable[[str], Path]
) -> None:
    job = indexing_desk.change("/api/jobs", {"collection": NAME})
    photo = photo_of("A-0004").read_bytes()
    assert send_photo(indexing_desk, job["id"], photo, name="C:\\x\\SKU 7.jpg", seller="Kite").json() == {
        "item": "SKU 7"
    }
    assert send_photo(indexing_desk, job["id"], photo, name="b.jpg", item="SKU 8").json() == {"item": "SKU 8"}
    assert send_photo(indexing_desk, job["id"], b"none", name="c.jpg").status_code == 400
    assert send_photo(indexing_desk, job["id"], photo, name="").status_code == 400
    indexing_desk.change(f"/api/jobs/{job['id']}/start")
    done = ended(indexing_desk, job["id"])
    assert (done["state"], done["progress"]["indexed"], done["photos"]) == ("done", 2, 2)
    assert send_photo(indexing_desk, job["id"], photo, name="d.jpg").status_code == 409
    assert indexing_desk.post(f"/api/jobs/{job['id']}/start").status_code == 409
    page = indexing_desk.get(f"/catalogue/{NAME}", params={"item": "SKU 7"}).text
    assert "SKU 7" in page
    assert "Kite" in page
    assert "SKU 8" not in page
    assert not list((indexing_desk.desk.settings.folder / "jobs").rglob("manifest.jsonl"))


@pytest.mark.server
def test_a_job_that_is_stopped_goes_on_where_it_was(indexing_desk: DeskClient, drawn: tuple[Path, Path]) -> None:
    job = indexing_desk.change("/api/jobs", {"collection": NAME})
    photos = sorted(drawn[0].parent.glob("garment-*.jpg"))[:32]
    # As many as cannot be done before the stop arrives; zeros after a JPEG make another file of it.
    sent = [photo.read_bytes() + bytes(copy) for copy in range(3) for photo in photos]
    for number, photo in enumerate(sent):
        send_photo(indexing_desk, job["id"], photo, name=f"{number}.jpg")
    indexing_desk.change(f"/api/jobs/{job['id']}/start")
    while not job_of(indexing_desk, job["id"])["progress"].get("done"):
        time.sleep(0.02)
    indexing_desk.change(f"/api/jobs/{job['id']}/stop")
    stopped = ended(indexing_desk, job["id"])
    assert (stopped["state"], "goes on where it was" in stopped["message"]) == ("stopped", True)
    assert stopped["progress"]["done"] < len(sent)
    indexing_desk.change(f"/api/jobs/{job['id']}/start")
    done = ended(indexing_desk, job["id"])["progress"]
    assert (done["total"], done["skipped"] + done["indexed"]) == (len(sent), len(sent))
    assert done["skipped"] >= stopped["progress"]["done"]


def test_an_upload_that_was_never_started_is_forgotten_with_its_photos(desk: DeskClient) -> None:
    job = desk.change("/api/jobs", {"collection": NAME})
    assert desk.post(f"/api/jobs/{job['id']}/start").json()["error"] == "send photos first; this upload has none"
    send_photo(desk, job["id"], jpeg((40, 40), "red"), name="a.jpg")
    desk.change(f"/api/jobs/{job['id']}", method="DELETE")
    with desk.desk.store.reading() as session:
        assert [session.query(table).count() for table in (IndexJob, UploadedPhoto, StoredPhoto)] == [0, 0, 0]
    assert not [path for path in (desk.desk.settings.folder / "photos").rglob("*") if path.is_file()]


def test_without_a_server_a_job_stops_with_the_reason_and_can_be_started_again(tmp_path: Path) -> None:
    settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", milvus="http://127.0.0.1:9")
    with desk_client(settings) as client:
        job = client.change("/api/jobs", {"collection": NAME})
        send_photo(client, job["id"], jpeg((40, 40), "red"), name="a.jpg")
        for _ in range(2):
            client.change(f"/api/jobs/{job['id']}/start")
            stopped = ended(client, job["id"])
            assert stopped["state"] == "stopped"
            assert stopped["message"].endswith("start it again, and it goes on where it was")


def test_a_desk_that_ended_in_the_middle_marks_its_jobs_as_stopped(tmp_path: Path) -> None:
    settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")
    with desk_client(settings) as client:
        job = client.change("/api/jobs", {"collection": NAME})
        (settings.folder / "jobs" / job["id"]).mkdir(parents=True)
        with client.desk.store.session() as session:
            session.get_one(IndexJob, job["id"]).state = "running"
    with desk_client(settings) as client:
        stopped = job_of(client, job["id"])
    assert (stopped["state"], "goes on where it was" in stopped["message"]) == ("stopped", True)
