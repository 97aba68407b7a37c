"""Connects to IP addresses that were checked, and to no others."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from itertools import zip_longest
from threading import Thread

import httpcore2

from adapters.http.address_policy import is_public
from bot.ports.web import FetchRefused

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the IP addresses of a host; raises OSError where there are none."""


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves a host name once, checks the addresses, and connects to one of those.

    The name is not resolved a second time, which defeats DNS rebinding.
    """

    def __init__(
        self,
        private_hosts: Iterable[str],
        resolve: Resolver | None = None,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._private = frozenset(private_hosts)
        self._resolve = resolve or _resolve
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the host; raise FetchRefused if none of its addresses is allowed."""
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in _interleave_families(await self._allowed_addresses(host, port)):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def check_host(self, host: str, port: int) -> None:
        """Check a host that a proxy will connect to; raise FetchRefused if it is not allowed.

        A name that only the proxy can resolve is left to the proxy.
        """
        with suppress(httpcore2.ConnectError):
            await self._allowed_addresses(host, port)

    async def _allowed_addresses(self, host: str, port: int) -> list[str]:
        try:
            found = list(dict.fromkeys(await self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise httpcore2.ConnectError(f"{host} is not found ({reason})") from None
        allowed = [each for each in found if host in self._private or is_public(each)]
        if found and not allowed:
            raise FetchRefused(
                f"{host} is at {found[0]}, which is no public address; where that is meant, list "
                "the host in the setting web.private_hosts."
            )
        return allowed


def _interleave_families(addresses: Sequence[str]) -> list[str]:
    """Return the addresses with IPv6 and IPv4 alternating, starting with the first one's family.

    Where one family is unreachable, as IPv6 is in many containers, each of its addresses costs a
    whole connect timeout, and a host may have many.
    """
    leading = [each for each in addresses if (":" in each) == (":" in addresses[0])]
    others = [each for each in addresses if each not in leading]
    return [each for pair in zip_longest(leading, others) for each in pair if each]


async def _resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host as the system resolves it.

    `getaddrinfo` cannot be cancelled and may block for half a minute without a network, so it
    runs in a daemon thread that does not hold up the end of the program.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str]] = loop.create_future()

    def resolve() -> None:
        try:
            answer = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            _deliver_result(loop, future, error)
        else:
            _deliver_result(loop, future, [str(address[0]) for *_, address in answer])

    Thread(target=resolve, name="resolve", daemon=True).start()
    return await future


def _deliver_result(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[list[str]],
    result: list[str] | Exception,
) -> None:
    """Complete the future from another thread, unless it was cancelled."""

    def complete() -> None:
        if future.done():
            return
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)

    with suppress(RuntimeError):  # the program has ended meanwhile
        loop.call_soon_threadsafe(complete)
