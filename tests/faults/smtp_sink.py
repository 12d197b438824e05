"""A mail server for tests: it keeps what it is handed, or fails in one of the ways mail servers fail (F24 to F26)."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Literal

Mode = Literal["take", "slow", "451", "550", "554", "535", "drop_after_data"]
SLOW_SECONDS = 1.0


class Sink(socketserver.ThreadingTCPServer):
    """`mode` may be changed at any time; `mails` are those whose whole text arrived."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mode: Mode = "take"
        self.mails: list[Message] = []
        self.recipients: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


class _Session(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._say("220 sink")
            while line := self.rfile.readline():
                if not self._answer(line.decode("utf-8", "replace").strip()):
                    return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _answer(self, line: str) -> bool:
        verb, mode = line.partition(" ")[0].upper(), self.server.mode
        if verb in {"EHLO", "HELO"}:
            self._say("250-sink\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME")
        elif verb == "AUTH":
            self._say("535 who are you" if mode == "535" else "235 welcome")
        elif verb == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            self.server.recipients.append(address)
            refusals = {"451": "451 try later", "550": "550 no such user"}  # and most servers say whom they mean
            self._say(f"{refusals[mode]} <{address}>" if mode in refusals else "250 yes")
        elif verb == "DATA":
            return self._take(mode)
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 yes")
        return True

    def _take(self, mode: Mode) -> bool:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if mode == "554":
            self._say("554 this text is not taken")
            return True
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))
        if mode == "drop_after_data":
            return False
        if mode == "slow":
            time.sleep(SLOW_SECONDS)
        self._say("250 taken")
        return True


@contextlib.contextmanager
def listening() -> Iterator[Sink]:
    """A mail server on a port of its own."""
    with Sink() as sink:
        threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield sink
        finally:
            sink.shutdown()
