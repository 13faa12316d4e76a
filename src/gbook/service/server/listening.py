"""The sockets of a server: opened for --listen, or handed over by systemd."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from errno import EADDRINUSE, EADDRNOTAVAIL
from ipaddress import ip_address
from pathlib import Path

from gbook.errors import GbookError, UsageError

__all__ = ["address_of", "inherited_sockets", "is_private", "open_socket"]

# The first descriptor that systemd hands over (sd_listen_fds(3)).
FIRST_DESCRIPTOR = 3
# Connections that the system keeps until the server accepts them.
BACKLOG = 1024
# A proxy that runs as another user is in the group of the socket.
UNIX_MODE = 0o660


def open_socket(listen: str) -> socket.socket:
    """Return a listening socket for `ADDRESS:PORT`, `[IPv6]:PORT`, `localhost:PORT` or `unix:PATH`.

    With port 0 the system chooses one. Raises UsageError for anything else, GbookError if that is not free
    or not allowed.
    """
    try:
        if listen.startswith("unix:"):
            return _open_unix(listen.removeprefix("unix:"))
        host, port = _host_and_port(listen)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise GbookError(f"cannot listen at {listen}: {_reason(error, listen)}") from None


def inherited_sockets() -> list[socket.socket]:
    """Return the listening sockets of systemd's socket activation; none if it did not start this process.

    Programs that this process starts do not get them. Raises UsageError if one of them is of another kind.
    """
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    is_ours = os.environ.pop("LISTEN_PID", "") == str(os.getpid())
    os.environ.pop("LISTEN_FDNAMES", None)
    sockets = []
    for descriptor in range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + count) if is_ours else ():
        os.set_inheritable(descriptor, False)
        sockets.append(each := socket.socket(fileno=descriptor))
        if each.type != socket.SOCK_STREAM or not each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise UsageError("the .socket unit of systemd: expected ListenStream=, and Accept=no")
    return sockets


def address_of(listener: socket.socket) -> str:
    """Return the address by which a server can be reached at a socket."""
    if listener.family == socket.AF_UNIX:
        return f"unix:{listener.getsockname()}"
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_private(listener: socket.socket) -> bool:
    """Return whether only this machine reaches a socket."""
    return listener.family == socket.AF_UNIX or ip_address(listener.getsockname()[0]).is_loopback


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    with suppress(ValueError):
        if port.isascii() and port.isdecimal() and int(port) < 1 << 16:
            return str(ip_address(host)), int(port)
    expected = "expected an address and a port such as 127.0.0.1:8080 or [::1]:8080, or unix:PATH"
    raise UsageError(f"--listen: {expected}, found {listen!r}")


def _open_unix(path: str) -> socket.socket:
    """Return a socket at a path; a socket that an ended server has left there is replaced."""
    if not path:
        raise UsageError("--listen: expected a path after unix:")
    if _is_stale(path):
        Path(path).unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        Path(path).chmod(UNIX_MODE)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _is_stale(path: str) -> bool:
    """Return whether a socket is at a path, and no program answers there."""
    try:
        if not Path(path).is_socket():
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    return False


def _reason(error: OSError, listen: str) -> str:
    """Return why an address cannot be had, and what to do about the usual reasons."""
    path = Path(listen.removeprefix("unix:"))
    if error.errno == EADDRINUSE and listen.startswith("unix:") and not path.is_socket():
        return "there is a file or folder of this name; choose another path"
    if error.errno == EADDRINUSE:
        return "another program does; choose another one with --listen"
    if error.errno == EADDRNOTAVAIL:
        return "it is no address of this machine"
    return os.strerror(error.errno) if error.errno else str(error)
