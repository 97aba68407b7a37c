"""Answers about papers: /paper and the controls of a paper's card."""

import re

from bot.library import Library
from bot.lookup import Found, look_up
from bot.models import Paper
from bot.ports import Reply, Request
from bot.wording.guidance import gone_card
from bot.wording.papers import abstract_card, choice_card, missing_card, paper_card

_LIMIT = 5
_REFERENCE = re.compile(r"^id:(\d{1,18})(?:/(ko|en|both))?$")


async def paper(library: Library, request: Request) -> Reply:
    """Answer with the paper that is meant, with several to choose from, or with none."""
    reference = _referred(request)
    if reference is not None:
        number, choice = reference
        return await _numbered(library, request, number, choice)
    voice, query = library.voice(request), request.argument.strip()
    found: Found = await library.archive.consult(lambda index: look_up(index, query, _LIMIT))
    explanation = tuple(str(step) for step in found.steps)
    if not found.hits:
        nearest = await library.archive.papers([hit.paper_id for hit in found.suggestions])
        return Reply(
            missing_card(voice, query, nearest),
            private=True,
            suggestions=tuple(voice.text(each.titles) or each.key for each in nearest),
            explanation=explanation,
        )
    papers = await library.archive.papers([hit.paper_id for hit in found.hits])
    card = paper_card(voice, papers[0]) if found.is_sure else choice_card(voice, query, papers)
    return Reply(card, private=False, papers=papers, explanation=explanation)


async def abstract(library: Library, request: Request) -> Reply:
    """Answer with the abstract of a paper, to whoever asked for it."""
    reference = _referred(request)
    papers = await library.archive.papers([reference[0]]) if reference else ()
    if not reference or not papers:
        return Reply(gone_card(library.voice(request)), private=True)
    voice = library.voice(request, reference[1])
    return Reply(abstract_card(voice, papers[0]), private=True, papers=papers)


def _referred(request: Request) -> tuple[int, str] | None:
    match = _REFERENCE.match(request.argument.strip())
    return (int(match[1]), match[2] or "") if match else None


async def _numbered(library: Library, request: Request, number: int, choice: str) -> Reply:
    papers: tuple[Paper, ...] = await library.archive.papers([number])
    voice = library.voice(request, choice)
    if not papers:
        return Reply(gone_card(voice), private=True)
    return Reply(paper_card(voice, papers[0]), papers=papers)
