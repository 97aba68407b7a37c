"""The interface for programs, read-only, as JSON; `openapi.json` describes it."""

from collections.abc import Mapping

from adapters.site import list_pages, structured_data
from adapters.site.documents import Builder, Document, Parameters, json_document
from adapters.site.markup import Reader
from adapters.site.openapi import describe_interface
from bot.cards import page_addresses as addresses
from bot.commands.library import Library


async def _weeks(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
    number, size = wanted["page"], structured_data.WEEKS
    issues = await library.issues(limit=size + 1, offset=(number - 1) * size)
    if not issues and number > 1:
        return None
    found = [structured_data.issue_heading(each, reader.public_url) for each in issues[:size]]
    following = f"{reader.public_url}{structured_data.API}weeks/page/{number + 1}.json"
    return json_document({"weeks": found, "next": following if len(issues) > size else ""})


async def _week(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
    series = addresses.unescape_name(wanted["series"])
    found = await library.issue(series, addresses.parse_week(wanted["week"]))
    if found.issue is None:
        return None
    return json_document(structured_data.issue_document(found.issue, reader.public_url))


async def _paper(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
    found = await library.paper(addresses.paper_key(wanted["kind"], wanted["rest"]))
    if found is None:
        return None
    return json_document(structured_data.paper_document(found, reader.public_url))


async def _tags(library: Library, reader: Reader, _: Parameters) -> Document:
    found = [
        {
            "tag": tag,
            "papers": count,
            "names": {name: library.tag_name(tag, name) for name in ("ko", "en")},
            "url": f"{reader.public_url}{structured_data.API}tags/"
            f"{addresses.escape_name(tag)}.json",
        }
        for tag, count in await library.tags()
    ]
    return json_document({"tags": found})


async def _tag(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
    slug = addresses.unescape_name(wanted["tag"])
    offset = (wanted["page"] - 1) * list_pages.PAGE_SIZE
    found = await library.papers_with_tag(slug, list_pages.PAGE_SIZE, offset)
    if not found.papers:
        return None
    papers = structured_data.paper_documents(found.papers, reader.public_url)
    return json_document({"total": found.total, "papers": papers})


async def _search(library: Library, reader: Reader, wanted: Parameters) -> Document:
    offset = (wanted["page"] - 1) * list_pages.PAGE_SIZE
    found = await library.search(wanted.get("q", ""), list_pages.PAGE_SIZE, offset)
    return json_document(
        {
            "named": structured_data.paper_documents(found.named, reader.public_url),
            "total": found.total,
            "papers": structured_data.paper_documents(
                [paper for paper, _ in found.hits], reader.public_url
            ),
        }
    )


async def _openapi(_library: Library, reader: Reader, _wanted: Parameters) -> Document:
    return json_document(describe_interface(reader.public_url))


ROUTES: Mapping[str, Builder] = {
    "openapi.json": _openapi,
    "weeks.json": _weeks,
    "weeks/page/{page:int}.json": _weeks,
    "weeks/{series:path}/{week}.json": _week,
    "papers/{kind}/{rest:path}.json": _paper,
    "tags.json": _tags,
    "tags/{tag:path}.json": _tag,
    "search.json": _search,
}
"""What stands at each address after `api/v1/`."""
