from __future__ import annotations

import io
import random
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from seamline.core.errors import BadOption, Unavailable, Unsupported
from seamline.desk.casefile.archive import write_archive
from seamline.desk.casefile.stamps import read_stamp, trusted_roots
from seamline.desk.casefile.timestamps import Timestamper
from seamline.desk.casefile.verify import verify_archive
from tests.desk.casefile.cases import case
from tests.desk.casefile.conftest import PAGE
from tests.desk.casefile.tampering import in_json, read, rewrite
from tests.support.authority import Authority
from tests.support.certificates import authority as another_root

DATA = b"a manifest"
SIGNER = "CN=Test Stamps,O=Clock"


@pytest.fixture
def stamped(authority: Authority, tmp_path: Path) -> Path:
    """A case file with a time stamp."""
    file = tmp_path / "case.zip"
    stamps = Timestamper(authority.url + "/stamp")
    write_archive(file, case(), evidence_html=PAGE, pdf=None, timestamp=stamps)
    return file


@pytest.fixture(scope="module")
def answers(authority: Authority) -> dict[str, bytes]:
    """Time stamps of DATA, without and with the root's certificate."""
    return {path: Timestamper(authority.url + path).stamp(DATA) for path in ("/stamp", "/chain")}


def test_a_stamped_case_file_says_when_and_by_whom(stamped: Path, authority: Authority) -> None:
    found = verify_archive(stamped, tsa_ca=authority.root)
    assert found.ok, found.findings
    assert found.stamp is not None
    assert (found.stamp.authority, found.stamp.trusted) == (SIGNER, True)
    assert abs(time.mktime(time.strptime(found.stamp.at[:19], "%Y-%m-%dT%H:%M:%S")) - time.time()) < 2 * 86_400


def test_without_a_root_the_signature_is_not_checked_and_the_stamp_says_so(stamped: Path) -> None:
    found = verify_archive(stamped)
    assert found.ok, found.findings
    assert found.stamp is not None
    assert not found.stamp.trusted
    assert "was not checked" in found.stamp.checked


def test_a_root_that_is_not_the_stamp_s_is_found(stamped: Path, tmp_path: Path) -> None:
    found = verify_archive(stamped, tsa_ca=another_root(tmp_path, "other"))
    assert found.stamp is None
    assert found.findings == (
        "manifest.tsr is no time stamp of manifest.json: its signature does not lead to a certificate of --tsa-ca",
    )


def test_a_manifest_that_was_changed_after_the_stamp_is_found(stamped: Path) -> None:
    found = verify_archive(rewrite(stamped, {"manifest.json": in_json("seamline", value="9")}))
    assert found.findings == ("manifest.tsr is no time stamp of manifest.json: it was given for something else",)


def test_everything_written_anew_is_found_by_the_stamp(stamped: Path) -> None:
    found = verify_archive(rewrite(stamped, {"evidence.html": b"<p>other</p>"}, listed=True))
    assert found.findings == ("manifest.tsr is no time stamp of manifest.json: it was given for something else",)


def test_a_stamp_that_was_removed_is_found(stamped: Path, authority: Authority) -> None:
    found = verify_archive(rewrite(stamped, {"manifest.tsr": None}))
    assert found.findings == ("manifest.tsr was removed: the manifest names a time stamp",)


def test_a_root_for_a_case_file_without_a_stamp_is_found(written: Path, authority: Authority) -> None:
    found = verify_archive(written, tsa_ca=authority.root)
    assert found.findings == ("there is no time stamp that --tsa-ca could be used for",)


def test_a_stamp_with_the_chain_in_openssl_s_order_is_read(answers: dict[str, bytes], authority: Authority) -> None:
    roots = trusted_roots(authority.root)
    assert read_stamp(answers["/chain"], DATA, roots).trusted
    assert read_stamp(answers["/chain"], DATA).authority == SIGNER


@pytest.mark.parametrize("path", ["/stamp", "/chain"])
def test_a_stamp_with_any_changed_byte_is_refused_or_says_the_same(
    answers: dict[str, bytes], path: str, authority: Authority
) -> None:
    answer, chance, roots = answers[path], random.Random(5), trusted_roots(authority.root)
    true = read_stamp(answer, DATA, roots)
    for place in chance.sample(range(len(answer)), 250):
        changed = bytearray(answer)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            assert read_stamp(bytes(changed), DATA, roots) == true
        except ValueError:
            continue


def test_the_stated_time_is_under_the_signature(answers: dict[str, bytes], authority: Authority) -> None:
    changed = bytearray(answers["/stamp"])
    place = changed.index(b"\x18\x0f20") + 15
    changed[place] = ord("0") if changed[place] == ord("9") else changed[place] + 1
    with pytest.raises(ValueError, match=r"does not lead to a certificate|not valid at its time"):
        read_stamp(bytes(changed), DATA, trusted_roots(authority.root))


@pytest.mark.parametrize(
    "text", [b"", b"\x30", b"\x30\x80", b"\x30\x03\x02\x01\x02", b"<html>", b"\x30\x84\xff\xff\xff\xff"]
)
def test_what_is_no_stamp_is_found(stamped: Path, text: bytes) -> None:
    found = verify_archive(rewrite(stamped, {"manifest.tsr": text}))
    assert [finding[:47] for finding in found.findings] == ["manifest.tsr is no time stamp of manifest.json:"]


def test_a_certificate_that_is_not_for_time_stamps_is_refused(answers: dict[str, bytes]) -> None:
    answer, usage = answers["/stamp"], bytes.fromhex("06082b06010505070308")
    assert usage in answer
    with pytest.raises(ValueError, match="not one for time stamps"):
        read_stamp(answer.replace(usage, usage[:-1] + b"\x01"), DATA)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/refused", "does not answer: Service Unavailable"),
        ("/html", "gave no time stamp: it is not an RFC 3161 answer"),
        ("/other", "gave no time stamp: it was given for something else"),
        ("/huge", "does not answer: its answer has more than 1,048,576 bytes"),
        ("/again", "does not answer"),
        ("/away", "does not answer: it sends to an address that is neither http nor https"),
    ],
)
def test_an_authority_that_gives_no_stamp_is_unavailable_and_nothing_is_written(
    authority: Authority, path: str, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "case.zip"
    with pytest.raises(Unavailable, match=sentence):
        write_archive(file, case(), evidence_html=PAGE, pdf=None, timestamp=Timestamper(authority.url + path))
    stream = io.BytesIO()
    with pytest.raises(Unavailable):
        write_archive(stream, case(), evidence_html=PAGE, pdf=None, timestamp=Timestamper(authority.url + path))
    assert not file.exists()
    assert stream.getvalue() == b""


def test_an_authority_that_has_moved_is_followed(authority: Authority) -> None:
    assert read_stamp(Timestamper(authority.url + "/moved").stamp(DATA), DATA).authority == SIGNER


def test_an_authority_with_an_rsa_key_is_read_too(tmp_path: Path) -> None:
    with Authority(tmp_path, ("-newkey", "rsa:2048")) as other:
        answer = Timestamper(other.url + "/chain").stamp(DATA)
        assert read_stamp(answer, DATA, trusted_roots(other.root)).trusted


def test_an_answer_to_an_earlier_request_is_refused(authority: Authority) -> None:
    answer = authority.reply(authority.query(DATA))
    assert read_stamp(answer, DATA).authority == SIGNER
    with pytest.raises(ValueError, match="answers another request"):
        read_stamp(answer, DATA, nonce=7)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of something that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_an_authority_that_says_nothing_is_given_up(silent: str) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable, match="does not answer: timed out"):
        Timestamper(silent, timeout=0.3).stamp(DATA)
    assert time.monotonic() - started < 5


def test_an_authority_that_drips_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=drip, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(Unavailable, match="it took too long"):
            Timestamper(url, timeout=0.5).stamp(DATA)


def drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            return


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="does not answer: Connection refused"):
        Timestamper(f"http://127.0.0.1:{port}/").stamp(DATA)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "", "http://", "host", "https:///x", "http://["])
def test_addresses_other_than_http_are_refused(url: str) -> None:
    with pytest.raises(BadOption, match="begins with http"):
        Timestamper(url)


def test_the_manifest_names_the_host_and_no_secret_of_the_address(authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    port = authority.url.rpartition(":")[2]
    stamps = Timestamper(f"http://127.0.0.1:{port}/stamp")
    write_archive(file, case(), evidence_html=PAGE, pdf=None, timestamp=stamps)
    assert b'"time_stamp": "127.0.0.1"' in read(file)["manifest.json"]


@pytest.mark.parametrize(
    "text", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_a_certificate_is_no_root(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(text)
    with pytest.raises(BadOption, match="holds no certificate in PEM"):
        trusted_roots(file)


def test_a_missing_package_is_named_with_its_extra(
    stamped: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    for name in ("rfc3161_client", "cryptography.x509"):
        monkeypatch.setitem(sys.modules, name, None)
    found = verify_archive(stamped)
    assert [finding[:29] for finding in found.findings] == ["manifest.tsr was not checked:"]
    assert "pip install 'seamline[desk]'" in found.findings[0]
    with pytest.raises(Unsupported, match=r"seamline\[desk\]"):
        Timestamper(authority.url + "/stamp").stamp(DATA)
