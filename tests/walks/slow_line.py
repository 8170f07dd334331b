"""How does a telephone far from a mast reach the site? A line of 50 kbit/s that may break."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BYTES_A_SECOND = 50_000 / 8
LATENCY = 0.8
_PIECE = 500
_REQUEST = re.compile(rb"(GET|POST) (\S+) HTTP")


@dataclass
class Line:
    """A slow way to a site on this machine; it counts what crosses and breaks when told to."""

    site_port: int
    port: int = 0
    crossed: int = 0
    posts: list[str] = field(default_factory=list)
    cut_answer_of: str = ""
    cut_upload_of: str = ""
    cuts: int = 0
    lost: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until an end of it closes or the line breaks."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.site_port)
        call = _Call(self, writer, far_writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await asyncio.gather(call.up(reader), call.down(far_reader))
        finally:
            await _leave(writer, far_writer)


async def _leave(*writers: asyncio.StreamWriter) -> None:
    """Send what is still on its way, then hang up: a test leaves no open line behind."""
    for one in writers:
        one.close()
        with suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(one.wait_closed(), timeout=5)


class _Call:
    def __init__(self, line: Line, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.line, self.near, self.far = line, near, far
        self.path = ""
        self.posting = False
        self.sent = 0

    async def up(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(_PIECE):
            found = _REQUEST.match(piece)
            if found:
                await asyncio.sleep(LATENCY)
                self.path, self.posting, self.sent = found[2].decode(), found[1] == b"POST", 0
                if self.posting:
                    self.line.posts.append(self.path)
            await self._carry(piece)
            self.sent += len(piece)
            wanted = self.line.cut_upload_of
            if wanted and self.posting and wanted in self.path and self.sent > 5 * _PIECE:
                self.line.cut_upload_of = ""
                self.line.lost += self.sent
                self._break()
            self.far.write(piece)
            await self.far.drain()
        self.far.close()

    async def down(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(_PIECE):
            wanted = self.line.cut_answer_of
            if wanted and self.posting and wanted in self.path:
                self.line.cut_answer_of = ""
                self._break()
            await self._carry(piece)
            self.near.write(piece)
            await self.near.drain()
        self.near.close()

    async def _carry(self, piece: bytes) -> None:
        self.line.crossed += len(piece)
        await asyncio.sleep(len(piece) / BYTES_A_SECOND)

    def _break(self) -> None:
        self.line.cuts += 1
        self.near.transport.abort()
        self.far.transport.abort()
        raise ConnectionResetError


@contextmanager
def slow_line(site_port: int) -> Iterator[Line]:
    """Open a line in a thread of its own."""
    line = Line(site_port)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = asyncio.start_server(line.serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(opening, loop).result(timeout=10)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_hang_up(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _hang_up() -> None:
    """End every call, also one that was just taken; what they close is closed a turn later."""
    await asyncio.sleep(0.05)
    while others := [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.05)
