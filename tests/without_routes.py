"""Called inside a network namespace without routes: brings loopback up, starts the scripted server, runs a command.

    unshare --user --map-root-user --net python -m tests.without_routes SCENARIO COMMAND… (``{url}`` is the address)

It is a program of its own since the server has to be inside the namespace too. Ends with the command's exit code, and
with 90 when the namespace does have a way out.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
import sys

from tests.scripted import serve

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
OUTSIDE = ("192.0.2.1", 9)
"""An address that belongs to nobody (RFC 5737)."""
HAS_ROUTES = 90


def bring_up(interface: str = "lo") -> None:
    """What ``ip link set lo up`` does, where ``ip`` may be missing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", interface.encode(), 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", interface.encode(), flags | IFF_UP))


def has_routes() -> bool:
    """Whether packets to the outside could leave at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            any_socket.connect(OUTSIDE)  # sends nothing; asks the kernel for a route
        except OSError:
            return False
    return True


def main() -> int:
    bring_up()
    if has_routes():
        return HAS_ROUTES
    scenario, *command = sys.argv[1:]
    with serve(scenario) as server:
        done = subprocess.run([word.replace("{url}", server.url) for word in command], check=False)
        print(f"calls: {len(server.calls)}", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
