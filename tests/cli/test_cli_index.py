"""`index` and `collections` against the real Milvus Lite, with the wire server in Triton's place."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import grpc
import pytest

from seamline.catalogue import Failure, Item, Progress
from seamline.cli import indexing
from seamline.client import Client, Embedded
from seamline.client.photos import CANARY
from seamline.core.errors import DeadlineExceeded, Unavailable
from seamline.index import Collection, Index
from tests.cli.conftest import Run
from tests.support.milvus_lite import milvus_lite
from tests.support.photos import jpeg
from tests.support.scenes import ONE, Scene, SceneGarment, vectors
from tests.support.wire_server import WireServer


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri


@pytest.fixture
def _index(milvus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", milvus)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    (place / "deeper").mkdir(parents=True)
    for number, colour in enumerate(("red", "green", "blue")):
        (place / "deeper" / f"{number}.jpg").write_bytes(jpeg((64, 64), colour))
    (place / "broken.png").write_bytes(b"no photo")
    return place


@pytest.mark.usefixtures("_index")
def test_a_folder_is_indexed_and_failures_are_listed_at_the_end(server: WireServer, run: Run, folder: Path) -> None:
    result = run("index", folder, "--collection", "first")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("first: 3 photos indexed with 3 garments in ")
    assert "broken.png" in lines[-1]
    assert "not a JPEG, PNG or WebP photo" in lines[-1]
    assert result.stderr == ""


@pytest.mark.usefixtures("_index")
def test_what_a_folder_holds_beside_photos_is_counted_by_kind(server: WireServer, run: Run, folder: Path) -> None:
    for name in ("d.heic", "e.tif", "f.TIF", ".trash.jpg", "Thumbs.db"):
        (folder / name).touch()
    (folder / "broken.png").unlink()
    left_out = {".heic": 1, ".tif": 2, "hidden": 1, "system": 1}
    result = run("index", folder, "--collection", "kinds")
    told = "left out: 2 .tif, 1 .heic, 1 hidden, 1 system; " + (
        "`pip install 'seamline[heif]'` reads HEIC, or save it and AVIF as JPEG"
    )
    assert result.stdout.splitlines()[1:] == [told]
    assert json.loads(run("index", folder, "--collection", "kinds", "--json").stdout)["left_out"] == left_out
    for photo in (folder / "deeper").iterdir():
        photo.unlink()
    result = run("index", folder, "--json")
    assert (result.exit_code, json.loads(result.stdout)["left_out"]) == (1, left_out)
    assert result.stderr == f"there is no JPEG, PNG or WebP photo in {folder}; {told}\n"


@pytest.mark.usefixtures("_index")
def test_repeating_it_adds_nothing(server: WireServer, run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "again")
    data = json.loads(run("index", folder, "--collection", "again", "--json").stdout)
    assert (data["photos"], data["indexed"], data["skipped"], data["failures"]) == (4, 0, 3, 1)
    assert [Path(failure["photo"]).name for failure in data["failed"]] == ["broken.png"]
    listed = json.loads(run("collections", "--json").stdout)
    assert {"again": 3}.items() <= {entry["name"]: entry["garments"] for entry in listed}.items()


@pytest.mark.usefixtures("_index")
def test_an_outage_ends_with_4_and_the_next_run_goes_on(server: WireServer, run: Run, folder: Path) -> None:
    assert run("index", folder / "deeper", "--collection", "outage", "--in-flight", 1).exit_code == 0
    (folder / "deeper" / "9.jpg").write_bytes(jpeg((64, 64), "black"))
    server.failures.extend([None, *[(grpc.StatusCode.UNAVAILABLE, "the index does not answer")] * 99])
    result = run("index", folder / "deeper", "--collection", "outage", "--in-flight", 1, "--timeout", 3)
    assert (result.exit_code, "does not answer" in result.stderr) == (4, True)
    assert len(server.failures) < 99 - 3, "once the server has answered it is asked for as long as --timeout says"
    server.failures.clear()
    result = run("index", folder / "deeper", "--collection", "outage", "--in-flight", 1, "--json")
    assert json.loads(result.stdout)["indexed"] == 1


@pytest.mark.usefixtures("_index")
def test_a_server_that_hangs_ends_with_4_and_the_next_run_goes_on(
    server: WireServer, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Client.embed

    def hang(client: Client, photo: bytes) -> Embedded:
        if photo is CANARY:
            return real(client, photo)
        raise DeadlineExceeded("no answer within 90 s")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "embed", hang)
        result = run("index", folder, "--collection", "hung", "--in-flight", 1)
    assert (result.exit_code, "does not answer in time" in result.stderr) == (4, True)
    assert json.loads(run("index", folder, "--collection", "hung", "--json").stdout)["indexed"] == 3


@pytest.mark.usefixtures("_index")
def test_a_server_that_never_answered_is_asked_a_few_times_only(server: WireServer, run: Run, folder: Path) -> None:
    server.failures.extend([(grpc.StatusCode.UNAVAILABLE, "the index does not answer")] * 99)
    assert run("index", folder, "--collection", "never").exit_code == 4
    assert len(server.failures) == 99 - 4


@pytest.mark.usefixtures("_index")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_keeps_what_is_indexed_and_the_next_run_goes_on(
    server: WireServer, run: Run, folder: Path, told: signal.Signals
) -> None:
    for number in range(30):
        (folder / f"more-{number}.jpg").write_bytes(jpeg((64, 64 + number), "white"))
    server.delay = 0.2
    words = ["index", str(folder), "--collection", f"stopped_{told.name}", "--in-flight", "2"]
    # A shell's background jobs ignore SIGINT, and a child of the tests would inherit that.
    start = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from seamline.cli import app; app()"
    )
    program = [sys.executable, "-c", start, *words]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    before = len(server.calls)
    while len(server.calls) < before + 6 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(told)
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout) == (130, "")
    assert stderr == "stopped; what was indexed is kept. The same command goes on from here.\n"
    server.delay = 0.0
    data = json.loads(run(*words, "--json").stdout)
    assert data["skipped"] > 0
    assert data["indexed"] + data["skipped"] == 33


@pytest.mark.usefixtures("_index")
def test_other_weights_than_the_collections_are_refused(server: WireServer, run: Run, folder: Path) -> None:
    assert run("index", folder, "--collection", "older").exit_code == 0
    server.versions["fingerprint"] = "ffeeddccbbaa9988"
    result = run("index", folder, "--collection", "older")
    assert result.exit_code == 2
    assert "index the photos into another collection" in result.stderr


@pytest.mark.usefixtures("_index")
def test_another_systems_vectors_have_a_collection_of_their_own(
    server: WireServer, run: Run, folder: Path, milvus: str
) -> None:
    assert run("index", folder, "--collection", "regions").exit_code == 0
    server.systems["psnet"] = ONE
    server.scene = Scene((SceneGarment(vectors(1, parts=1)),))
    for command in (("index", folder, "--collection", "wholes"), ("collections", "rebuild", "wholes", folder)):
        result = run(*command, "--system", "psnet", *(["--anyway"] if command[0] == "collections" else []))
        assert result.exit_code == 0, result.stderr
        with closing(Index(milvus)) as index:
            assert index.open("wholes").shape == (1, 128)
    refused = run("index", folder, "--collection", "regions", "--system", "psnet")
    assert refused.exit_code == 2
    assert "name the system that it was indexed with" in refused.stderr
    assert run("status", "--json", "--url", server.address, "--system", "psnet").exit_code == 0


@pytest.mark.usefixtures("_index")
def test_nothing_to_index_is_1(server: WireServer, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("index", tmp_path / "empty").exit_code == 1
    (tmp_path / "empty" / "bad.jpg").write_bytes(b"bad")
    assert run("index", tmp_path / "empty").exit_code == 1


def test_a_manifest_without_rows_is_1_and_cannot_prune(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "header.csv"
    manifest.write_text("item,photo\n", encoding="utf-8")
    result = run("index", manifest)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{manifest} names no photo\n"
    refused = run("index", manifest, "--prune", "--json")
    assert (refused.exit_code, "nothing was removed: the source is empty" in refused.stderr) == (2, True)
    data = json.loads(refused.stdout)
    assert (data["photos"], data["not_removed"]) == (0, "the source is empty")


@pytest.mark.usefixtures("_index")
def test_bad_sources_and_names_are_2(server: WireServer, run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a")
    assert run("index", tmp_path / "none").exit_code == 2
    assert run("index", tmp_path / "list.txt").exit_code == 2
    assert run("index", folder, "--collection", "no-dashes").exit_code == 2


@pytest.mark.usefixtures("_index")
def test_a_manifest_with_bad_rows_goes_on_and_writes_its_failures_down(
    server: WireServer, run: Run, folder: Path, tmp_path: Path
) -> None:
    manifest, failed = folder / "items.csv", tmp_path / "failed.jsonl"
    manifest.write_text("item,photo,seller\nA,deeper/0.jpg,x\n,deeper/1.jpg,x\nB,gone.jpg,y\n", encoding="utf-8")
    result = run("index", manifest, "--collection", "rows", "--failures", failed, "--json")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["indexed"], data["failures"]) == (0, 1, 2)
    assert data["failed"] == [
        {"item": None, "photo": None, "place": "items.csv, line 3", "reason": "item is empty"},
        {
            "item": "B",
            "photo": str(folder / "gone.jpg"),
            "place": "items.csv, line 4",
            "reason": "the photo cannot be read: No such file or directory",
        },
    ]
    assert len(failed.read_text().splitlines()) == 2
    told = run("index", manifest, "--collection", "rows").stdout
    assert "No such file or directory (items.csv, line 4)" in told
    (folder / "gone.jpg").write_bytes(jpeg((64, 64), "pink"))
    assert json.loads(run("index", failed, "--collection", "rows", "--json").stdout)["indexed"] == 1


@pytest.mark.usefixtures("_index")
def test_a_dry_run_changes_nothing(server: WireServer, run: Run, folder: Path) -> None:
    result = run("index", folder, "--collection", "dry", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("dry: 3 photos would be indexed; nothing was changed\n")
    assert "broken.png" in result.stdout
    assert "dry" not in run("collections").stdout


@pytest.mark.usefixtures("_index")
def test_pruning_needs_yes_when_most_would_go(server: WireServer, run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "pruned")
    manifest = folder / "items.csv"
    manifest.write_text("item,photo\ndeeper/0.jpg,deeper/0.jpg\n", encoding="utf-8")
    refused = run("index", manifest, "--collection", "pruned", "--prune")
    assert (refused.exit_code, "lacks 2 of the collection's 3 garments" in refused.stderr) == (2, True)
    result = run("index", manifest, "--collection", "pruned", "--prune", "--yes")
    assert (result.exit_code, "2 garments were removed" in result.stdout) == (0, True)


@pytest.mark.usefixtures("_index")
def test_urls_are_off_unless_allowed_and_never_private(server: WireServer, run: Run, folder: Path) -> None:
    manifest = folder / "items.csv"
    manifest.write_text("item,photo\nA,http://127.0.0.1:9/a.jpg\n", encoding="utf-8")
    refused = run("index", manifest, "--collection", "urls")
    assert (refused.exit_code, "--allow-urls turns them on" in refused.stdout) == (1, True)
    private = run("index", manifest, "--collection", "urls", "--allow-urls")
    assert (private.exit_code, "not a public address" in private.stdout) == (1, True)


@pytest.mark.usefixtures("_index")
def test_items_are_shown_and_deleted_by_id(server: WireServer, run: Run, folder: Path, tmp_path: Path) -> None:
    odd = 'it\'s "odd", 100%'
    manifest = folder / "items.jsonl"
    lines = [(odd, "deeper/0.jpg"), (odd, "deeper/1.jpg"), ("B", "deeper/2.jpg"), ("C", "deeper/2.jpg")]
    rows = [json.dumps({"item": item, "photo": photo, "seller": "x"}) for item, photo in lines]
    manifest.write_text("\n".join(rows), encoding="utf-8")
    run("index", manifest, "--collection", "items")
    shown = [json.loads(line) for line in run("items", "show", "items", odd).stdout.splitlines()]
    assert {(one["item"], one["metadata"]["seller"]) for one in shown} == {(odd, "x")}
    assert {Path(one["photo"]).name for one in shown} == {"0.jpg", "1.jpg"}
    gone = json.loads(run("items", "delete", "items", odd, "unknown", "--json").stdout)
    assert gone == {"collection": "items", "items": 1, "garments": 2, "missing": ["unknown"]}
    ids = tmp_path / "ids.txt"
    ids.write_text('B\n{"item": "C"}\n', encoding="utf-8")
    assert run("items", "delete", "items", "--from", ids).stdout == "items: deleted 2 garments of 2 items\n"
    assert run("items", "show", "items", "B").exit_code == 1
    run("index", manifest, "--collection", "items")
    assert run("items", "delete", "items", "--from", "-", input="B\n").exit_code == 0
    listed = json.loads(run("collections", "--json").stdout)
    assert {entry["name"]: entry["garments"] for entry in listed}["items"] == 3


@pytest.mark.usefixtures("_index")
def test_a_deletion_writes_its_receipt(server: WireServer, run: Run, folder: Path, tmp_path: Path) -> None:
    run("index", folder, "--collection", "told")
    file = tmp_path / "receipt.json"
    assert run("items", "delete", "told", "deeper/0.jpg", "unknown", "--receipt", file).exit_code == 0
    receipt = json.loads(file.read_text(encoding="utf-8"))
    assert (receipt["items"], receipt["missing"]) == (["deeper/0.jpg", "unknown"], ["unknown"])
    assert [(photo["name"], photo["file"]) for photo in receipt["photos"]] == [("0.jpg", "left")]
    (version,) = receipt["versions"]
    assert version["before"] - version["after"] == len(version["keys"]["deeper/0.jpg"]) == 1
    assert (version["left"], version["journal"], receipt["finality"]["found"]) == ([], 1, 0)
    assert run("items", "delete", "told", "deeper/1.jpg", "--receipt", tmp_path / "no" / "r.json").exit_code == 2
    assert run("items", "show", "told", "deeper/1.jpg").exit_code == 0, "a receipt that cannot be written stops it"


@pytest.mark.usefixtures("_index")
def test_a_bad_list_of_items_deletes_nothing(server: WireServer, run: Run, folder: Path, tmp_path: Path) -> None:
    run("index", folder, "--collection", "intact")
    ids = tmp_path / "ids.jsonl"
    ids.write_text('{"item": "deeper/0.jpg"}\n{"photo": "x"}\n', encoding="utf-8")
    result = run("items", "delete", "intact", "--from", ids)
    assert (result.exit_code, "line 2: the key item is missing" in result.stderr) == (2, True)
    ids.write_text('{"item": "deeper/0.jpg"}\n{"item": "\\ud800"}\n', encoding="utf-8")
    result = run("items", "delete", "intact", "--from", ids)
    assert (result.exit_code, "is not valid UTF-8" in result.stderr) == (2, True)
    assert run("items", "delete", "intact").exit_code == 2
    assert run("items", "delete", "no_such", "a").exit_code == 3
    assert len(run("items", "show", "intact", "deeper/0.jpg").stdout.splitlines()) == 1


@pytest.mark.usefixtures("_index")
def test_a_byte_order_mark_is_not_part_of_the_first_item(server: WireServer, run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "marked")
    ids = folder / "ids.txt"
    for encoding in ("utf-8-sig", "utf-16"):
        ids.write_text("deeper/0.jpg\r\n", encoding=encoding)
        assert len(run("items", "show", "marked", "--from", ids).stdout.splitlines()) == 1
    ids.write_text("Größe\n", encoding="cp1252")
    assert (
        "is not UTF-8; save it as UTF-8, in Excel as `CSV UTF-8`"
        in run("items", "show", "marked", "--from", ids).stderr
    )
    assert run("items", "delete", "marked", "--from", "-", input="\ufeffdeeper/0.jpg\n").exit_code == 0


@pytest.mark.usefixtures("_index")
def test_what_was_deleted_before_an_outage_is_flushed(
    server: WireServer, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seamline.index import deletion

    run("index", folder, "--collection", "partly")
    told: list[str] = []
    real = Collection.delete

    def delete(collection: Collection, keys: Sequence[str]) -> None:
        if told:
            raise Unavailable("the index does not answer")
        told.append("deleted")
        real(collection, keys)

    monkeypatch.setattr(deletion, "BATCH", 1)
    monkeypatch.setattr(Collection, "delete", delete)
    monkeypatch.setattr(Collection, "flush", lambda collection: told.append("flushed"))
    assert run("items", "delete", "partly", "deeper/0.jpg", "deeper/1.jpg").exit_code == 4
    assert told == ["deleted", "flushed"]


@pytest.mark.usefixtures("_index")
def test_collections_are_listed_and_dropped(server: WireServer, run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "short_lived")
    assert "short_lived" in run("collections").stdout
    refused = run("collections", "drop", "short_lived")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    assert run("collections", "drop", "short_lived", "--yes").exit_code == 0
    assert "short_lived" not in run("collections").stdout
    missing = run("collections", "drop", "short_lived", "--yes")
    assert (missing.exit_code, "does not exist" in missing.stderr) == (3, True)


def test_the_milvus_of_another_server_must_be_named(server: WireServer, run: Run, folder: Path) -> None:
    result = run("index", folder)
    assert result.exit_code == 2
    assert "--milvus" in result.stderr


def test_a_missing_index_is_4(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", "http://127.0.0.1:9")
    result = run("collections")
    assert result.exit_code == 4
    assert "Traceback" not in result.stderr


def test_progress_tells_rate_time_left_and_failures() -> None:
    progress = Progress(total=100, done=60, skipped=10, seconds=25.0)
    assert indexing.state(progress) == "60 of 100 photos, 2.0/s, 0:20 left"
    progress.fail(Failure("gone", Item("A", "a.jpg")))
    assert indexing.state(progress) == "61 of 100 photos, 2.0/s, 1 failed, 0:19 left"
    progress.waiting_for = "the index does not answer"
    assert indexing.state(progress).endswith("; waiting: the index does not answer")
    assert indexing.time_left(Progress(total=5)) == "?"
    assert indexing.time_left(Progress(total=20_000, done=10, seconds=10.0)) == "5:33:10"
    assert indexing.state(Progress(done=5, seconds=2.0)) == "5 photos, 2.5/s"
