"""Serves the pages over HTTP: routes, languages, caching and limits."""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from adapters.site import FOLDER, api, documents, page_index, trend_pages
from adapters.site.admin import Admin, AdminPages
from adapters.site.documents import Document
from adapters.site.headers import ClientLimit, SecurityHeaders
from adapters.site.markup import Reader
from bot.cards.page_addresses import InvalidAddress
from bot.commands.library import Library
from bot.lib.cache import CallCache
from bot.model.papers import LANGUAGES
from bot.ports.errors import StorageUnavailable

_CACHED_PAGES = 1_000
_CACHE_SECONDS = 60
"""So long a page may be older than the archive."""
_LEAST_COMPRESSED, _COMPRESSION = 1_000, 6
"""Bytes of a text that is compressed, and how thoroughly."""
_GZIPPED = '-gzip"'
"""Ends the ETag of a body that is compressed, as it is another one."""
_MAX_QUERY = 300
_MAX_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class _Cached:
    """A document with what a browser needs to ask whether it changed."""

    document: Document
    etag: str
    headers: Mapping[str, str]
    compressed: bytes
    """The body as gzip, made once; empty where that saves nothing."""


@dataclass(frozen=True, slots=True)
class StaticCopy:
    """What a copy of the pages as files holds."""

    has_paper_pictures: bool = True
    """Whether papers have pictures of their own for other sites."""


class Site:
    """The pages of an archive as an ASGI application."""

    def __init__(
        self,
        library: Library,
        public_url: str,
        per_minute: int,
        *,
        copied: StaticCopy | None = None,
        admin: Admin | None = None,
    ) -> None:
        """Serve a library; `copied`: where the pages are written as files, which files there are.

        With `admin` there is the page for operators.
        """
        reader = self._negotiated_reader
        self._admin = AdminPages(admin, reader).routes() if admin else []
        self._copied = copied
        self._library = library
        self._public_url = public_url
        self._cache: CallCache[_Cached | None] = CallCache(_CACHED_PAGES, _CACHE_SECONDS)
        self._modified: dict[str, tuple[str, datetime]] = {}
        self.app = Starlette(
            routes=self._routes(),
            middleware=[
                Middleware(ClientLimit, per_minute=per_minute),
                Middleware(SecurityHeaders),
            ],
            exception_handlers={
                HTTPException: self._error,
                StorageUnavailable: self._error,
                Exception: self._error,
            },
        )

    async def warm_up(self) -> None:
        """Make the pages that take longest when they are asked for the first time."""
        with suppress(StorageUnavailable):
            for language in LANGUAGES:
                await trend_pages.trends(self._library, self._library.locale(language))

    def _routes(self) -> list[Route | Mount]:
        page = partial(Route, methods=["GET"])
        return [
            page("/", self._choose_language),
            page("/robots.txt", self._plain(page_index.robots)),
            page("/sitemap.xml", self._plain(page_index.sitemap)),
            page("/sitemap-{number:int}.xml", self._plain(page_index.sitemap_part)),
            Mount("/assets", GZipMiddleware(StaticFiles(directory=FOLDER / "assets"))),
            *(
                page(f"/api/v1/{path}", self._plain(answer))
                for path, answer in api.ROUTES.items()
            ),
            *self._admin,
            *(page(f"/{{language}}/{path}", self._localized(build))
              for path, build in documents.ROUTES.items()),
            page("/{path:path}", self._negotiate),
        ]  # fmt: skip

    def _reader(self, language: str) -> Reader:
        return Reader(
            self._library.locale(language),
            self._public_url,
            has_pictures=self._library.pictures is not None,
            has_paper_pictures=self._copied is None or self._copied.has_paper_pictures,
            can_ask=self._copied is None,
        )

    def _negotiated_reader(self, request: Request) -> Reader:
        header = request.headers.get("accept-language", "")
        return self._reader(preferred_language(header) or "en")

    def _plain(self, build: documents.Builder) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler of a document that has no language."""

        async def handle(request: Request) -> Response:
            return await self._answer(request, build, self._reader("en"))

        return handle

    def _localized(self, build: documents.Builder) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler of a page that exists in every language."""

        async def handle(request: Request) -> Response:
            language = request.path_params["language"]
            if language not in LANGUAGES:
                return await self._negotiate(request)
            return await self._answer(request, build, self._reader(language))

        return handle

    async def _answer(
        self, request: Request, build: documents.Builder, reader: Reader
    ) -> Response:
        wanted = _parameters(request)
        key = (request.url.path, tuple(sorted(wanted.items())))

        async def make() -> _Cached | None:
            try:
                made = await build(self._library, reader, wanted)
            except InvalidAddress:
                return None
            return None if made is None else self._with_validators(request.url.path, made)

        found = await self._cache.get(key, make)
        if found is None:
            raise HTTPException(404)
        target = found.document.moved_to
        if target:
            return RedirectResponse(target, 301)
        if found.document.media_type == documents.HTML and self._copied is None:
            self._library.count_page()
        return _response(request, found)

    def _with_validators(self, path: str, made: Document) -> _Cached:
        etag = hashlib.sha256(made.body).hexdigest()[:20]
        before = self._modified.get(path)
        modified = before[1] if before and before[0] == etag else datetime.now(UTC)
        if len(self._modified) > _CACHED_PAGES:
            self._modified.clear()
        self._modified[path] = (etag, modified)
        is_text = made.media_type != documents.PNG and len(made.body) >= _LEAST_COMPRESSED
        headers = {
            "ETag": f'"{etag}"',
            "Last-Modified": format_datetime(modified, usegmt=True),
            "Cache-Control": f"public, max-age={_CACHE_SECONDS}",
            "Vary": "Accept-Encoding",
        }
        return _Cached(made, f'"{etag}"', headers, _gzip(made.body) if is_text else b"")

    async def _choose_language(self, request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language", ""))
        if language:
            root = self._reader(language).root
            return RedirectResponse(f"{root}{language}/", 302, {"Vary": "Accept-Language"})
        return await self._answer(request, documents.language_choice, self._reader("en"))

    async def _negotiate(self, request: Request) -> Response:
        """Lead an address without a language, or without its last slash, to its page."""
        path = request.url.path.lstrip("/")
        first, last = path.split("/", 1)[0], path.rsplit("/", 1)[-1]
        if "." in last or (first in LANGUAGES and not last):
            raise HTTPException(404)
        place = path if not last else f"{path}/"
        if first in LANGUAGES:
            return RedirectResponse(f"{self._reader(first).root}{place}", 301)
        language = preferred_language(request.headers.get("accept-language", "")) or "en"
        target = f"{self._reader(language).root}{language}/{place}"
        return RedirectResponse(target, 302, {"Vary": "Accept-Language"})

    async def _error(self, request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            status = error.status_code
        else:
            status = 503 if isinstance(error, StorageUnavailable) else 500
        first = request.url.path.lstrip("/").split("/", 1)[0]
        wanted = first if first in LANGUAGES else None
        language = wanted or preferred_language(request.headers.get("accept-language", "")) or "en"
        body = documents.error_page(self._reader(language), status)
        return Response(body, status, media_type="text/html")


def preferred_language(header: str) -> str:
    """Return the language of an Accept-Language header that the pages have; empty for none."""
    ranked = []
    for place, part in enumerate(header[:_MAX_QUERY].split(",")):
        name, _, parameters = part.strip().partition(";")
        language = name.strip().lower().split("-", 1)[0]
        try:
            quality = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0
        if language in LANGUAGES and quality > 0:
            ranked.append((-quality, place, language))
    return min(ranked)[2] if ranked else ""


def _parameters(request: Request) -> Mapping[str, Any]:
    """Return the parts of the path and the query that pages know, bounded."""
    found: dict[str, Any] = dict(request.path_params)
    words = request.query_params.get("q", "")[:_MAX_QUERY].strip()
    if words:
        found["q"] = words
    if "page" not in found:
        text = request.query_params.get("page", "1")
        found["page"] = int(text) if text.isascii() and text.isdecimal() else 1
    if not 1 <= found["page"] <= _MAX_PAGE:
        raise HTTPException(404)
    return found


def _response(request: Request, found: _Cached) -> Response:
    headers, body = dict(found.headers), found.document.body
    if found.compressed and "gzip" in request.headers.get("accept-encoding", ""):
        body = found.compressed
        headers |= {"Content-Encoding": "gzip", "ETag": f"{found.etag[:-1]}{_GZIPPED}"}
    known = [each.strip().removeprefix("W/").replace(_GZIPPED, '"') for each in
             request.headers.get("if-none-match", "").split(",")]  # fmt: skip
    if found.etag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=found.document.media_type)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, _COMPRESSION, mtime=0)
