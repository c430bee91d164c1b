"""A time stamp authority for tests: OpenSSL's, behind HTTP on a loopback port."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType

from tests.support.certificates import KIND, authority, openssl

_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {signer}
signer_key = {key}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
tsa_name = yes
"""


class Authority:
    """Answers while it is entered, below `url`, at these paths.

    `/stamp`: a time stamp with its signer's certificate. `/chain`: one with the root's as well. `/other`: one of other
    data. `/moved`, `/again`, `/away`: sent on to `/stamp`, to itself, to FTP. `/refused`, `/html`, `/huge`: what an
    authority answers that does not work. `root`: the root's certificate; `kind`: of the
    signer's key.
    """

    def __init__(self, folder: Path, kind: Sequence[str] = KIND) -> None:
        self._folder = folder
        self._lock = Lock()
        self.root = authority(folder, "root")
        self._signer = _signer(folder, self.root, kind)
        settings = {"folder": folder, "signer": self._signer, "key": self._signer.with_suffix(".key")}
        (folder / "tsa.cnf").write_text(_CONFIG.format(**settings))
        (folder / "serial").write_text("01\n")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Authority:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, query: bytes, *words: str | Path) -> bytes:
        """OpenSSL's answer to a request."""
        asked, answer = self._folder / "query.tsq", self._folder / "answer.tsr"
        with self._lock:
            asked.write_bytes(query)
            openssl("ts", "-reply", "-config", self._folder / "tsa.cnf", "-queryfile", asked, "-out", answer, *words)
            return answer.read_bytes()

    def query(self, data: bytes) -> bytes:
        """OpenSSL's request about other data."""
        other = self._folder / "other"
        other.write_bytes(data)
        words = ["openssl", "ts", "-query", "-data", str(other), "-sha256", "-cert"]
        return subprocess.run(words, check=True, capture_output=True).stdout


def _signer(folder: Path, root: Path, kind: Sequence[str]) -> Path:
    made, request, names = folder / "signer.pem", folder / "signer.csr", folder / "signer.ext"
    names.write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
    key = made.with_suffix(".key")
    openssl("req", *kind, "-nodes", "-keyout", key, "-out", request, "-subj", "/O=Clock/CN=Test Stamps")
    signing: list[str | Path] = ["-CA", root, "-CAkey", root.with_suffix(".key"), "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", request, "-extfile", names, "-out", made, *signing)
    return made


def _handler(stamps: Authority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            sent_on = {"/moved": "/stamp", "/again": "/again", "/away": "ftp://127.0.0.1/stamp"}.get(self.path)
            if sent_on is not None:
                self.send_response(307)
                self.send_header("Location", sent_on)
                self.end_headers()
            elif self.path == "/refused":
                self.send_error(503)
            else:
                self._answer(query)

        def _answer(self, query: bytes) -> None:
            answers = {
                "/stamp": lambda: stamps.reply(query),
                "/chain": lambda: stamps.reply(query, "-chain", stamps.root),
                "/other": lambda: stamps.reply(stamps.query(b"other data")),
                "/html": lambda: b"<p>Welcome</p>",
                "/huge": lambda: bytes(3 << 20),
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers[self.path]())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return Handler
