"""Answers about papers: /paper and the controls of a paper's card."""

from bot.answers.discussions import with_thread
from bot.library import Library
from bot.lookup import Found, look_up
from bot.models import Paper
from bot.ports import Reply, Request
from bot.references import referred
from bot.wording.guidance import gone_card
from bot.wording.papers import abstract_card, choice_card, missing_card, paper_card

_LIMIT = 5


async def paper(library: Library, request: Request) -> Reply:
    """Answer with the paper that is meant, with several to choose from, or with none."""
    reference = referred(request.argument)
    if reference is not None:
        return await _numbered(library, request, reference.paper, reference.choice)
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
    if found.is_sure:
        card = await with_thread(library, request, voice, papers[0], paper_card(voice, papers[0]))
    else:
        card = choice_card(voice, query, papers)
    return Reply(card, private=False, papers=papers, explanation=explanation)


async def abstract(library: Library, request: Request) -> Reply:
    """Answer with the abstract of a paper, to whoever asked for it."""
    reference = referred(request.argument)
    papers = await library.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers:
        return Reply(gone_card(library.voice(request)), private=True)
    voice = library.voice(request, reference.choice)
    return Reply(abstract_card(voice, papers[0]), private=True, papers=papers)


async def _numbered(library: Library, request: Request, number: int, choice: str) -> Reply:
    papers: tuple[Paper, ...] = await library.archive.papers([number])
    voice = library.voice(request, choice)
    if not papers:
        return Reply(gone_card(voice), private=True)
    card = await with_thread(library, request, voice, papers[0], paper_card(voice, papers[0]))
    return Reply(card, papers=papers)
