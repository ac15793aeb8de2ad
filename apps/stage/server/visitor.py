"""Whether a visitor is still there: what is computed for a request ends with it.

The guard watches the connection of each request; what runs for it, also in a thread, asks here.
"""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

from core.progress import Stopped


class Visitor:
    """One request's other end.

    Attributes:
        large: whether the request had a large body.
        address: where it came from.
        gone: whether the connection was closed before the answer.
    """

    def __init__(self, large: bool = False, address: str = ""):
        self.large, self.address, self.gone = large, address, False


HERE: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def address() -> str:
    """Return the address of the visitor whose request is answered, "" if there is none."""
    visitor = HERE.get()
    return visitor.address if visitor else ""


def address_of(client: tuple[str, int] | None) -> str:
    """Return whose requests share: those of one address, in IPv6 of one network, as one visitor
    has all addresses of it.

    Args:
        client: address and port as ASGI names them.
    """
    host = client[0] if client else ""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv4Address):
        return host
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def is_gone() -> bool:
    """Return whether the visitor whose request is answered went away."""
    visitor = HERE.get()
    return visitor is not None and visitor.gone


def is_large() -> bool:
    """Return whether the request that is answered had a large body."""
    visitor = HERE.get()
    return visitor is not None and visitor.large


def hear(done: int, of: int) -> None:
    """Raise Stopped once the visitor went away: a listener of core.progress."""
    del done, of
    if is_gone():
        raise Stopped
