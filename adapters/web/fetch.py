"""Fetches one address, with limits of size and time."""

import asyncio

import httpx

from adapters.web.limits import MAX_BYTES, MAX_DURATION, MAX_REDIRECTS, TIMEOUT

USER_AGENT = "Paperboy"


class Unreachable(OSError):
    """The address could not be read; the message says why."""


async def fetch(url: str) -> bytes:
    """Return what lies at an http or https address.

    Raises Unreachable for anything else than a whole answer of at most `MAX_BYTES` in time.
    """
    try:
        async with (
            asyncio.timeout(MAX_DURATION.total_seconds()),
            httpx.AsyncClient(
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                timeout=TIMEOUT.total_seconds(),
                headers={"User-Agent": USER_AGENT},
            ) as client,
            client.stream("GET", url) as response,
        ):
            if not response.is_success:
                raise Unreachable(f"it answered {response.status_code}; check the address.")
            return await _body(response)
    except TimeoutError:
        raise Unreachable("it took too long; try again later.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise Unreachable(f"it cannot be reached: {reason}.") from None


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAX_BYTES:
            raise Unreachable(f"it holds more than {MAX_BYTES // 1024**2} MiB.")
    return bytes(body)
