"""Does the sample of the reverse proxy do what the papers say, with the site behind it?

nginx runs as a child of the test, with its own folder, on loopback. What a laptop cannot have is
replaced: the ports, the certificate (the test signs one), the name.
"""

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "docs" / "serving"
NAME = "give.example.org"
_NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_CADDY = shutil.which("caddy")
_MEGABYTE = 1_000_000
pytestmark = [pytest.mark.slow]
needs_nginx = pytest.mark.skipif(
    _NGINX is None and not os.environ.get("OFFSET_REQUIRE"), reason="nginx is not installed"
)

_HTTP = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class Front:
    """The proxy as a browser meets it."""

    port: int
    plain: int
    site: int

    def connect(self) -> http.client.HTTPSConnection:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=trusting)

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> http.client.HTTPResponse:
        connection = self.connect()
        told = {"Host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
        with contextlib.closing(connection):
            connection.request(method, path, body, told)  # type: ignore[arg-type]  # bytes or blocks
            answer = connection.getresponse()
            answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
        return answer

    def raw(self, head: bytes) -> bytes:
        """Send bytes as they are and return the first line that comes back."""
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as bare,
            trusting.wrap_socket(bare) as line,
        ):
            line.sendall(head)
            return line.recv(4096).split(b"\r\n", 1)[0]


def _wait(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OFFSET_DATA_DIR": str(folder / "var"),
        "OFFSET_SECRET_KEY": uuid.uuid4().hex,
        "OFFSET_PUBLIC_URL": f"https://{NAME}",
        "OFFSET_MAIL_URL": f"file:{folder / 'mail'}",
        "OFFSET_MAIL_FROM": f"contributions@{NAME}",
        "OFFSET_PROXY_HOPS": "1",
        "STRIPE_SECRET_KEY": "sk_test_0123456789",
        "STRIPE_WEBHOOK_SECRET": "whsec_0123456789",
        "PORT": str(port),
    }


@contextlib.contextmanager
def running(command: list[str], **told: object) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, start_new_session=True, **told) as process:  # type: ignore[call-overload]  # what Popen takes
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    site, secure, plain = free_port(), free_port(), free_port()
    told = environment(folder, site)
    offset = [sys.executable, "-m", "offset"]
    subprocess.run(
        [*offset, "init", "--mode", "rehearsal"], env=told, check=True, capture_output=True
    )
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
        + ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    sample = (SAMPLES / "nginx.conf").read_text()
    for there, here in (
        ("127.0.0.1:8000", f"127.0.0.1:{site}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", f"{folder}/cert.pem"),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", f"{folder}/key.pem"),
    ):
        assert there in sample
        sample = sample.replace(there, here)
    (folder / "site.conf").write_text(sample)
    (folder / "nginx.conf").write_text(_HTTP.format(folder=folder))
    assert _NGINX is not None
    with (
        (folder / "log").open("wb") as log,
        running([*offset, "serve"], env=told, stdout=log, stderr=log),
        running(
            [_NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stdout=log, stderr=log
        ),
    ):
        _wait(site)
        _wait(secure)
        yield Front(secure, plain, site)


@needs_nginx
def test_pages_come_through_with_what_keeps_them_safe(front: Front) -> None:
    answer = front.ask("GET", "/")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    signing = front.ask("GET", "/sign-in")
    assert re.match(r"__Host-offset=.*; Secure; HttpOnly; Path=/; SameSite=Lax",
                    signing.headers["Set-Cookie"])  # fmt: skip
    assert "nginx/" not in answer.headers.get("Server", "")
    moved = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=10)
    moved.request("GET", "/projects?x=1", headers={"Host": NAME})
    told = moved.getresponse()
    assert (told.status, told.headers["Location"]) == (301, f"https://{NAME}/projects?x=1")
    moved.close()


@needs_nginx
def test_static_files_stay_for_ever_and_travel_compressed(front: Front) -> None:
    text = front.ask("GET", "/").text  # type: ignore[attr-defined]
    [path, *_] = re.findall(r'href="(/static/[^"]+\.css)"', text)
    answer = front.ask("GET", path, Accept_Encoding="gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"


@needs_nginx
def test_what_a_visitor_claims_to_be_moves_no_limit(front: Front) -> None:
    """The sixty-first try from one address is refused; another address still gets an answer."""
    assert 429 in _tries(front, [f"203.0.113.{number}" for number in range(64)])
    assert _tries(front, ["203.0.113.1"]) == [429]
    assert _tries(front, ["203.0.113.1"], source="127.0.0.2") != [429]


def _tries(front: Front, claimed: list[str], *, source: str = "127.0.0.1") -> list[int]:
    """Type wrong codes, from one address of this machine, claiming to be others."""
    connection = front.connect()
    connection.source_address = (source, 0)
    connection.request("GET", "/sign-in/code", headers={"Host": NAME})
    page = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
    assert token is not None
    body = urlencode({"csrf_token": token[1], "email": "", "code": "1"})
    told = {
        "Host": NAME,
        "Cookie": page.headers["Set-Cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"https://{NAME}",
    }
    found = []
    for other in claimed:
        connection.request("POST", "/sign-in/code", body, told | {"X-Forwarded-For": other})
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
    connection.close()
    return found


@needs_nginx
@pytest.mark.parametrize(
    ("size", "status"), [(100 * _MEGABYTE, {302, 400, 403}), (116 * _MEGABYTE, {413})]
)
def test_a_statement_of_100_mb_reaches_the_site_and_more_does_not(
    front: Front, size: int, status: set[int]
) -> None:
    connection = front.connect()
    connection.putrequest("POST", "/secretariat/statements", skip_host=True)
    for name, value in (
        ("Host", NAME), ("Content-Length", str(size)),
        ("Content-Type", "application/octet-stream"), ("Expect", "100-continue"),
    ):  # fmt: skip
        connection.putheader(name, value)
    connection.endheaders()
    block = bytes(_MEGABYTE)
    with contextlib.suppress(OSError):
        for _ in range(size // _MEGABYTE):
            connection.send(block)
    assert connection.getresponse().status in status
    connection.close()


@needs_nginx
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n",
    ],
    ids=["length and chunked", "two lengths", "two codings", "long header"],
)
def test_what_two_servers_could_read_differently_is_refused(front: Front, head: bytes) -> None:
    line = front.raw(b"POST /sign-in HTTP/1.1\r\nHost: give.example.org\r\n" + head)
    assert line.split()[1] in {b"400", b"501"}, line


@needs_nginx
@pytest.mark.skipif(_CADDY is None, reason="Caddy is not installed; nginx holds the same line")
def test_the_other_sample_passes_pages_and_refuses_what_is_too_large(
    front: Front, tmp_path: Path
) -> None:
    """Caddy without what needs a name of its own: the certificate."""
    port = free_port()
    sample = (SAMPLES / "Caddyfile").read_text()
    for there, here in (
        (f"{NAME} {{", f"http://127.0.0.1:{port} {{"),
        ("127.0.0.1:8000", f"127.0.0.1:{front.site}"),
    ):
        assert there in sample
        sample = sample.replace(there, here)
    (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + sample)
    assert _CADDY is not None
    command = [_CADDY, "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    told = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log, running(command, env=told, stdout=log, stderr=log):
        _wait(port)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            with connection.getresponse() as answer:
                assert (answer.status, b"</html>" in answer.read()) == (200, True)
                assert answer.headers["Strict-Transport-Security"]
            connection.request("POST", "/sign-in", bytes(116 * _MEGABYTE))
            with connection.getresponse() as answer:
                assert answer.status == 413


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", ["offset.service", "offset-jobs.service", "offset-jobs.timer"])
def test_the_units_are_read_by_systemd(unit: str, tmp_path: Path) -> None:
    for path in SAMPLES.glob("offset*.*"):
        text = path.read_text().replace("/opt/offset/bin/offset", sys.executable)
        (tmp_path / path.name).write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit],
        capture_output=True, text=True, check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    ours = [line for line in told.stderr.splitlines() if "offset" in line]
    assert ours == []
