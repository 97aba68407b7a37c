"""Sends conditional GET requests, rate limited per host, to permitted addresses only."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

import httpcore2
import httpx2

from adapters.http import address_policy, errors, response_body
from adapters.http.limits import MAX_REDIRECTS
from adapters.http.options import Options
from adapters.http.rate_limits import HostRateLimiter
from adapters.http.transport import GuardedBackend, Resolver
from bot.lib.certificates import explain_certificate
from bot.lib.clock import Clock, SystemClock
from bot.ports.errors import TryLater
from bot.ports.web import FetchRefused, FetchResult

_BROKEN = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError)

_PORTS = {"http": 80, "https": 443}


class HttpClient:
    """Implements `bot.ports.web.WebClient`; close it after use."""

    def __init__(
        self, options: Options, clock: Clock | None = None, resolve: Resolver | None = None
    ) -> None:
        self._options = options
        self._clock = clock or SystemClock()
        self._limiter = HostRateLimiter(options, self._clock)
        self._proxy = httpx2.URL(options.proxy) if options.proxy else None
        proxy_hosts = {self._proxy.host} if self._proxy else set()
        self._network = GuardedBackend({*options.private_hosts, *proxy_hosts}, resolve)
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> FetchResult:
        address = address_policy.parse_url(url)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in validators.items() if value}
        for _ in range(MAX_REDIRECTS + 1):
            outcome = await self._send(address, headers)
            if isinstance(outcome, FetchResult):
                return outcome
            address = outcome
        raise FetchRefused(
            f"it leads on more than {MAX_REDIRECTS} times; check the address.",
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _send(
        self, address: httpx2.URL, headers: dict[str, str]
    ) -> FetchResult | httpx2.URL:
        """Send one request; return the result, or the target of a redirect."""
        try:
            async with self._limiter.acquire(address.host):
                async with asyncio.timeout(self._options.total_timeout.total_seconds()):
                    return await self._stream(address, headers)
        except (TimeoutError, httpcore2.TimeoutException):
            raise TryLater(None, "it took too long; try again later.") from None
        except TryLater as error:
            if error.retry_after:
                self._limiter.hold(address.host, error.retry_after)
            raise
        except (*_BROKEN, OSError) as error:
            reason = str(error) or type(error).__name__
            advice = explain_certificate(error)
            raise TryLater(None, f"it cannot be reached: {reason}. {advice}".rstrip()) from None

    async def _stream(
        self, address: httpx2.URL, headers: dict[str, str]
    ) -> FetchResult | httpx2.URL:
        if self._proxy:
            await self._network.check_host(address.host, address.port or _PORTS[address.scheme])
        request_headers = [
            ("Host", address.netloc.decode("ascii")),
            ("User-Agent", self._options.user_agent),
            ("Accept-Encoding", response_body.ENCODING),
            *headers.items(),
        ]
        target = httpcore2.URL(
            scheme=address.raw_scheme,
            host=address.raw_host,
            port=address.port,
            target=address.raw_path,
        )
        read_timeout = self._options.read_timeout.total_seconds()
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), read_timeout)
        async with self._connections().stream(
            "GET", target, headers=request_headers, extensions={"timeout": timeout}
        ) as response:
            return await self._read_response(address, response)

    async def _read_response(
        self, address: httpx2.URL, response: httpcore2.Response
    ) -> FetchResult | httpx2.URL:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        etag, last_modified = headers.get("etag", ""), headers.get("last-modified", "")
        if response.status == HTTPStatus.NOT_MODIFIED:
            return FetchResult(b"", str(address), etag, last_modified, is_not_modified=True)
        if response.status in errors.REDIRECTS and headers.get("location"):
            return address_policy.resolve_redirect(
                address, headers["location"], self._options.redirect_hosts
            )
        if response.status != HTTPStatus.OK:
            raise errors.to_exception(response.status, headers, self._clock.now())
        content = await response_body.read(
            response.aiter_stream(), headers, self._options.max_bytes
        )
        return FetchResult(content, str(address), etag, last_modified)

    def _connections(self) -> httpcore2.AsyncConnectionPool:
        if self._pool is not None:
            return self._pool
        # Loading the certificates is slow, and many commands never send a request.
        context = httpx2.create_ssl_context()
        expiry = timedelta(seconds=30).total_seconds()
        if self._proxy is None:
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=context, network_backend=self._network, keepalive_expiry=expiry
            )
        else:
            name = self._proxy.username
            self._pool = httpcore2.AsyncHTTPProxy(
                str(self._proxy.copy_with(userinfo=b"")),
                proxy_auth=(name, self._proxy.password) if name else None,
                ssl_context=context,
                network_backend=self._network,
                keepalive_expiry=expiry,
            )
        return self._pool
