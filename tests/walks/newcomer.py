"""Who installs the platform from its papers alone: a clean user, a wheel, a mail box, a browser?"""

import base64
import contextlib
import http.client
import http.cookiejar
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from offset.clock import SystemClock
from offset.people.second_factor import code_of, step_of
from tests.web.rooms import Page, _Controls

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class _Talk(socketserver.StreamRequestHandler):
    """The few words of SMTP that a sender needs."""

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._say("354 go on")
                self._take()
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 sink")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.server.box.append(mail)  # type: ignore[attr-defined]  # set by the post office

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class PostOffice:
    """A mail server that keeps every mail in memory."""

    def __init__(self) -> None:
        self.box: list[EmailMessage] = []
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk)
        self.server.daemon_threads = True
        self.server.box = self.box  # type: ignore[attr-defined]  # read by the talk above
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def links(self, to: str, beginning: str) -> list[str]:
        """The paths in the mails to somebody, oldest first."""
        found = []
        for mail in list(self.box):
            part = mail.get_body(("plain",))
            if to in str(mail["To"]) and part is not None:
                found += re.findall(rf"https?://[^/\s]+({beginning}\S*)", part.get_content())
        return found


@dataclass
class Browser:
    """One person's browser: cookies, forms as a page gives them, and the phone beside it."""

    base: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str, expect: int = 200) -> Page:
        return self._ask(urllib.request.Request(self._address(path)), expect)

    def post(self, path: str, data: Mapping[str, object], expect: int = 200) -> Page:
        body = urllib.parse.urlencode(data, doseq=True).encode()
        return self._ask(urllib.request.Request(self._address(path), body), expect)

    def fill(self, path: str, action: str, expect: int = 200, **typed: object) -> Page:
        """Open a page, fill in the form that goes to ``action``, and press its button."""
        page = self.get(path)
        return self.press(page, action, expect, **typed)

    def press(self, page: Page, action: str, expect: int = 200, **typed: object) -> Page:
        posted = [
            one
            for one in re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
            if 'method="post"' in one
        ]
        form = next(
            (
                one
                for shape in (rf'action="[^"]*{action}"', rf'action="[^"]*{action}[^"]*"')
                for one in posted
                if re.search(shape, one)
            ),
            None,
        )
        assert form is not None, f"no form to {action}:\n{page.plain[:1500]}"
        reader = _Controls()
        reader.feed(form)
        target = re.search(r'action="([^"]*)"', form)
        assert target is not None
        return self.post(target[1], {**reader.found, **typed}, expect)

    def upload(self, page: Page, action: str, name: str, content: bytes) -> Page:
        """Send a file with the button named import."""
        token = page.text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        mark = uuid.uuid4().hex
        parts = {"csrf_token": token, "act": "import"}
        body = b"".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in parts.items()
        )
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body += head.encode() + b"Content-Type: text/xml\r\n\r\n" + content
        body += f"\r\n--{mark}--\r\n".encode()
        asked = urllib.request.Request(
            self._address(action), body,
            {"Content-Type": f"multipart/form-data; boundary={mark}"},
        )  # fmt: skip
        return self._ask(asked, 200)

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.base + path

    def _ask(self, asked: urllib.request.Request, expect: int) -> Page:
        try:
            with self.opener.open(asked, timeout=30) as answer:
                status, headers, data = answer.status, answer.headers, answer.read()
                self.url = answer.url
        except urllib.error.HTTPError as fault:
            status, headers, data = fault.code, fault.headers, fault.read()
        page = Page(status, data.decode("utf-8", "replace"), headers, data)
        assert page.status == expect, f"{asked.full_url}: {page.status}\n{page.plain[:1500]}"
        return page

    def six_digits(self, page: Page) -> str:
        """Let the phone read the key of a page and answer with its digits."""
        key = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
        assert key is not None, page.plain[:800]
        return code_of(base64.b32decode(key[1]), step_of(SystemClock().now()))


@dataclass
class Installation:
    """One installation: its environment, its processes, its places."""

    folder: Path
    environment: dict[str, str]
    post: PostOffice
    port: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    server: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str, expect: int = 0) -> str:
        """Run ``offset`` with these words; return everything it said."""
        told = subprocess.run(
            [sys.executable, "-m", "offset", *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        said = told.stdout + told.stderr
        assert told.returncode == expect, f"offset {' '.join(words)}: {told.returncode}\n{said}"
        return said

    def serve(self) -> subprocess.Popen[bytes]:
        process = self.start("-m", "offset", "serve")
        wait_for(self.port)
        return process

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(
            [sys.executable, *words],
            env=self.environment,
            cwd=self.folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process with all its children, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    def stop(self) -> None:
        for process in list(self.running):
            self.kill(process)


def wait_for(port: int, *, seconds: float = 30) -> float:
    """Wait until a site answers and return how long that took."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            ) as connection,
        ):
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"nothing answers on port {port}")


def unpack_wheel(folder: Path) -> Path:
    """Build the wheel and unpack it where an installer would put it; dependencies stay shared."""
    built = folder / "built"
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        + ["--no-deps", "--no-build-isolation", "--wheel-dir", built, ROOT],
        check=True,
        cwd=folder,
        capture_output=True,
    )
    [wheel] = built.glob("*.whl")
    place = folder / "site-packages"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    return place


@contextlib.contextmanager
def an_installation(folder: Path, database_url: str = "") -> Iterator[Installation]:
    """Give a clean user an unpacked wheel, a mail server and a port, and nothing else."""
    post = PostOffice()
    home = folder / "home"
    home.mkdir()
    port, stripe_port = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(unpack_wheel(folder)),
        "LANG": "C.UTF-8",
        "OFFSET_DATA_DIR": str(home / "var"),
        "OFFSET_SECRET_KEY": uuid.uuid4().hex * 2,
        "OFFSET_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "OFFSET_MAIL_URL": f"smtp://127.0.0.1:{post.port}",
        "OFFSET_MAIL_FROM": "contributions@give.example",
        "STRIPE_API_BASE": f"http://127.0.0.1:{stripe_port}",
        "STRIPE_SECRET_KEY": "sk_test_0123456789abcdef",
        "PORT": str(port),
    }
    if database_url:
        environment["OFFSET_DATABASE_URL"] = database_url
    found = Installation(home, environment, post, port)
    try:
        found.start(
            "-m", "offset.sandbox.stripe", "--state", str(folder / "stripe.db"),
            "--port", str(stripe_port), "--secret-key", environment["STRIPE_SECRET_KEY"],
        )  # fmt: skip
        yield found
    finally:
        found.stop()
        post.close()
