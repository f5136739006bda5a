"""The site's port: taken first, and answered with a waiting page until the web server takes over."""

import html
import select
import socket

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>Foothold is starting</title></head>
<body><h1>Foothold is starting</h1><p>{stage}</p><p>The site opens here by itself.</p></body></html>
"""
HEAD = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\nRetry-After: 2\r\n"
    "Cache-Control: no-store\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
)


def listen(wanted: int, tries: int = 50) -> tuple[int, list[socket.socket]]:
    """The first free port from `wanted` on, with sockets listening on 127.0.0.1 and, if there is one, ::1.

    They listen at once: a port that is only bound can be bound a second time by somebody as patient as us.
    """
    families = {socket.AF_INET: "127.0.0.1"}
    if _has_ipv6():
        families[socket.AF_INET6] = "::1"
    for port in range(wanted, min(wanted + tries, 65536)):
        held = []
        try:
            for family, host in families.items():
                held.append(_listen(family, host, port))
            return port, held
        except OSError:
            for one in held:
                one.close()
    raise SystemExit(f"No port from {wanted} to {wanted + tries - 1} can be used; name another with PORT=...")


def _listen(family: int, host: str, port: int) -> socket.socket:
    with socket.socket(family, socket.SOCK_STREAM) as ask:
        ask.settimeout(0.5)
        if (
            ask.connect_ex((host, port)) == 0
        ):  # on some systems we could listen beside one that takes all addresses
            raise OSError("taken")
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((host, port))
        one.listen(128)
        one.setblocking(False)
    except OSError:
        one.close()
        raise
    return one


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as ask:
            ask.bind(("::1", 0))
    except OSError:
        return False
    return True


def free() -> int:
    """A port that is free at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as ask:
        ask.bind(("127.0.0.1", 0))
        return ask.getsockname()[1]


def answer_waiting(sockets: list[socket.socket], stage: str = "") -> None:
    """Tell everybody who has come so far that the site is starting, and what it is doing."""
    page = PAGE.format(stage=html.escape(stage)).encode()
    answer = HEAD.format(length=len(page)).encode() + page
    while sockets and (ready := select.select(sockets, [], [], 0)[0]):
        for one in ready:
            try:
                visitor, _ = one.accept()
            except OSError:
                continue
            with visitor:
                visitor.settimeout(0.3)
                try:
                    visitor.recv(65536)  # unread bytes would turn the answer into a reset
                    visitor.sendall(answer)
                except OSError:
                    pass
