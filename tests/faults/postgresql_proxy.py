"""A proxy before PostgreSQL that cuts a connection at its COMMIT: before it arrives, or after it took effect."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

SOCKET = ".s.PGSQL.5432"
Cut = Literal["cut_before", "cut_commit"]


class Proxy:
    """Listens in `folder`; `arm` lets it cut at the next COMMIT, once."""

    def __init__(self, server: Path) -> None:
        self.server = server / SOCKET
        self.folder = Path(tempfile.mkdtemp(prefix="px", dir="/tmp"))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / SOCKET))
        self._listener.listen()
        self._armed: Cut | None = None
        self._lock = threading.Lock()
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, cut: Cut) -> None:
        self._armed = cut

    def close(self) -> None:
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.server))
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := client.recv(65536):
                cut = self._take() if b"COMMIT" in chunk else None
                if cut == "cut_commit":
                    client.shutdown(socket.SHUT_RDWR)  # the answer finds nobody; the server commits all the same
                    server.sendall(chunk)
                    server.settimeout(2)
                    server.recv(1)
                if cut:
                    break
                server.sendall(chunk)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _take(self) -> Cut | None:
        with self._lock:
            cut, self._armed = self._armed, None
            self.cuts += cut is not None
            return cut

    @staticmethod
    def _pass(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := server.recv(65536):
                client.sendall(chunk)


@contextlib.contextmanager
def proxied(server: Path) -> Iterator[Proxy]:
    """A proxy before the server whose socket stands in the folder `server`."""
    proxy = Proxy(server)
    try:
        yield proxy
    finally:
        proxy.close()
