"""Connects to addresses that were judged, whatever else a name may resolve to."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from itertools import zip_longest
from threading import Thread

import httpcore

from adapters.http.address_policy import is_public
from bot.ports.errors import RefusalScope, Refused

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the IP addresses of a host; raises OSError where there are none."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, judges what came, and connects to that very address.

    A name that means something else a moment later (DNS rebinding) therefore gains nothing.
    """

    def __init__(
        self,
        private_hosts: Iterable[str],
        resolve: Resolver | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._private = frozenset(private_hosts)
        self._resolve = resolve or _resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; raises Refused where no address of the host may be asked."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _interleave_families(await self._allowed_addresses(host, port)):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def check_host(self, host: str, port: int) -> None:
        """Judge a host that a proxy connects to; raises Refused.

        Where only the proxy knows the name, it alone can judge it.
        """
        with suppress(httpcore.ConnectError):
            await self._allowed_addresses(host, port)

    async def _allowed_addresses(self, host: str, port: int) -> list[str]:
        try:
            found = list(dict.fromkeys(await self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise httpcore.ConnectError(f"{host} is not found ({reason})") from None
        allowed = [each for each in found if host in self._private or is_public(each)]
        if found and not allowed:
            raise Refused(
                f"{host} is at {found[0]}, which is no public address; where that is meant, list "
                "the host in the setting web.private_hosts.",
                RefusalScope.PART,
            )
        return allowed


def _interleave_families(addresses: Sequence[str]) -> list[str]:
    """Return addresses with IPv6 and IPv4 in turns, whichever came first.

    Where one of the two leads nowhere, as IPv6 does in many a container, each address of it costs
    the whole patience; a host may have many.
    """
    leading = [each for each in addresses if (":" in each) == (":" in addresses[0])]
    others = [each for each in addresses if each not in leading]
    return [each for pair in zip_longest(leading, others) for each in pair if each]


async def _resolve(host: str, port: int) -> list[str]:
    """Return the addresses that the system knows of a host.

    The system cannot be stopped while it looks, for half a minute where no network answers: a
    thread that the end of the program need not wait for does it.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def look() -> None:
        try:
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            _deliver_result(loop, found, error)
        else:
            _deliver_result(loop, found, [str(place[0]) for *_, place in told])

    Thread(target=look, name="resolve", daemon=True).start()
    return await found


def _deliver_result(
    loop: asyncio.AbstractEventLoop, found: asyncio.Future[list[str]], told: list[str] | Exception
) -> None:
    """Hand over what was found, where somebody still waits for it."""

    def settle() -> None:
        if found.done():
            return
        if isinstance(told, Exception):
            found.set_exception(told)
        else:
            found.set_result(told)

    with suppress(RuntimeError):  # the program has ended meanwhile
        loop.call_soon_threadsafe(settle)
