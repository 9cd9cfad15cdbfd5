"""Started by Aider's own Python: starts Aider, held to its folders and its one address. Standard library only.

``python -I -B aider_inside.py SPEC ARGUMENT…`` where SPEC is JSON: ``packages`` (the folder that ``aider`` is imported
from), ``writable`` (folders), ``port`` (of 127.0.0.1, where the model answers) and ``socket`` (to which to forward that
port, or empty).

A model's reply names the files that Aider writes, so a reply could name any file of the user's; what is not below
``writable`` is refused here, as are other addresses and other programs. This holds Aider, which means no harm. It would
not hold code that does: for that there is bubblewrap around it.
"""

from __future__ import annotations

import importlib
import json
import os
import site
import socket
import sys
import threading
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PATHS = {
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rmdir": 1,
    "os.truncate": 1,
    "os.chmod": 1,
    "os.chown": 1,
    "os.rename": 2,
    "os.link": 2,
    "os.symlink": 2,
}
"""Event -> how many of its first arguments are paths that have to be writable."""
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn")
LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
LOCAL = ("127.0.0.1", "localhost", b"127.0.0.1", b"localhost", None)


class Guard:
    """An audit hook that refuses what an editor of files does not need."""

    def __init__(self, writable: list[str], port: int) -> None:
        self.writable = tuple(os.path.realpath(folder) for folder in writable)
        self.port = port

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & WRITING:
                self.check_path(path)
        elif event in PATHS:
            for path in arguments[: PATHS[event]]:
                self.check_path(path)
        elif event in PROGRAMS:
            raise PermissionError(f"no program is started here: {arguments[0]!r}")
        elif event in LOOKUPS and arguments[0] not in LOCAL:
            raise PermissionError(f"no address is looked up here: {arguments[0]!r}")
        elif event in ("socket.connect", "socket.sendto"):
            self.check_address(arguments[1])

    def check_path(self, path: Any) -> None:
        if isinstance(path, int):
            return
        real = os.path.realpath(os.fsdecode(path))
        if not any(real == folder or real.startswith(folder + os.sep) for folder in (*self.writable, "/dev")):
            raise PermissionError(f"not a place to write to: {real}")

    def check_address(self, address: Any) -> None:
        if isinstance(address, tuple) and address[:2] != ("127.0.0.1", self.port):
            raise PermissionError(f"not an address to speak to: {address[:2]!r}")


def forward(port: int, path: str) -> None:
    """Hand every connection to ``port`` of 127.0.0.1 on to the unix socket ``path``, in threads."""
    listener = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        while True:
            client, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(path)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=pump, args=(source, target), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy what comes until the end, and pass the end on."""
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def main() -> None:
    spec = json.loads(sys.argv[1])
    sys.argv = ["aider", *sys.argv[2:]]
    site.addsitedir(spec["packages"])
    if spec["socket"]:
        forward(spec["port"], spec["socket"])
    sys.addaudithook(Guard(spec["writable"], spec["port"]))
    sys.exit(importlib.import_module("aider.main").main())


if __name__ == "__main__":
    main()
