"""Who sees a reply, which invocation is answered, and which replies can be shared."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.commands.conversation import (
    SHARE_ACTION,
    Conversation,
    Question,
    Response,
    parse_share_argument,
)
from bot.model.access import Audience
from bot.model.card import Action, Button, Card, Form
from bot.model.channels import Person, Target
from bot.ports.conversation import CommandService, Reply, Request, Suggestion
from config import catalogues
from tests.samples import RING

HERE = Target("discord", "100", "200")
READER = Person("discord", "5", "ko")
PUBLIC = Reply(Card("Ring Attention"), papers=(RING,))
PRIVATE = Reply(Card("Abstract"), is_private=True, papers=(RING,))
NOTHING = Reply(Card("No paper"), is_private=True)
FORM = Reply(Form("The weekly digest", (), Action("digest", "subscribe")), is_private=True)


@dataclass
class Service:
    """Answers by name and argument, and remembers what was asked."""

    replies: dict[str, Reply]
    asked: list[Request] = field(default_factory=list)

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.replies.get(f"{request.name} {request.argument}".strip(), NOTHING)

    async def complete(self, name: str, prefix: str, language: str) -> tuple[Suggestion, ...]:
        return ()

    def conversation(self, longest: int = 80) -> Conversation:
        service = CommandService(self.answer, self.complete, Audience(), catalogues.load(), "en")
        return Conversation(service, lambda action: len(action.argument) <= longest)


REPLIES = {
    "paper ring": PUBLIC,
    "week latest": PUBLIC,
    "tag llm": PUBLIC,
    "abstract id:1": PRIVATE,
    "help": Reply(Card("Help")),
    "about": Reply(Card("Paperboy")),
    "digest_form": FORM,
}


def question(*asked: str, is_public: bool = False, **more: Any) -> Question:
    invocations = [parse_share_argument(each) for each in asked]
    return Question(invocations, READER, HERE, "7", is_public=is_public, **more)


def share_button(response: Response) -> Action | None:
    assert isinstance(response.content, Card)
    shares = [
        control
        for control in response.content.controls
        if isinstance(control, Button) and control.action.name == SHARE_ACTION
    ]
    assert [each.label for each in shares] in ([], ["모두에게 보이기"])
    return shares[0].action if shares else None


@pytest.mark.parametrize(
    ("asked", "is_command", "is_private", "is_shareable"),
    [
        ("paper ring", True, False, False),
        ("paper ring", False, True, True),  # a control: the asker alone sees it
        ("paper xyzzy", True, True, False),
        ("week latest", True, False, False),
        ("tag llm", True, True, True),  # not among what everyone sees
        ("abstract id:1", False, True, True),
        ("help", True, True, False),
        ("about", True, True, False),
    ],
)
async def test_the_audience_and_the_reply_decide_who_sees_it(
    asked: str,
    *,
    is_command: bool,
    is_private: bool,
    is_shareable: bool,
) -> None:
    response = await Service(REPLIES).conversation().ask(question(asked, is_public=is_command))
    assert response.is_private is is_private
    assert (share_button(response) is not None) is is_shareable


async def test_what_is_shared_is_seen_by_everyone_unless_nothing_is_found() -> None:
    talk = Service(REPLIES).conversation()
    response = await talk.ask(question("abstract id:1"))
    action = share_button(response)
    assert action == Action("share", "abstract id:1")

    shared = await talk.ask(question(f"{action.name} {action.argument}"))
    assert not shared.is_private
    assert shared.content == PRIVATE.content

    gone = await talk.ask(question("share abstract id:9"))
    assert gone.is_private
    assert share_button(gone) is None


async def test_the_first_invocation_that_finds_papers_is_answered_and_can_be_shared() -> None:
    service = Service(REPLIES)
    response = await service.conversation().ask(
        question("paper xyzzy", "paper ring", "paper other")
    )
    assert [each.argument for each in service.asked] == ["xyzzy", "ring"]
    assert {(each.person, each.target, each.thread) for each in service.asked} == {
        (READER, HERE, "7")
    }
    assert share_button(response) == Action("share", "paper ring")

    nothing = await service.conversation().ask(question("paper one", "paper two"))
    assert nothing.reply == NOTHING
    assert share_button(nothing) is None


async def test_a_guess_is_answered_where_no_invocation_finds_papers() -> None:
    guess = Reply(Card("Maybe one of these"), is_private=True, guesses=(RING,))
    service = Service({**REPLIES, "paper devices": guess})

    guessed = await service.conversation().ask(question("paper x", "paper devices", "paper y"))
    found = await service.conversation().ask(question("paper devices", "paper ring"))

    assert guessed.reply is guess
    assert guessed.is_private
    assert share_button(guessed) is None
    assert found.reply is PUBLIC


async def test_where_the_asker_alone_reads_nothing_is_hidden_or_shared() -> None:
    talk = Service(REPLIES).conversation()
    for asked in ("paper xyzzy", "abstract id:1", "tag llm"):
        response = await talk.ask(question(asked, is_direct=True))
        assert not response.is_private
        assert share_button(response) is None


async def test_no_share_button_stands_where_it_would_not_fit_or_lead_nowhere() -> None:
    assert share_button(await Service(REPLIES).conversation(5).ask(question("paper ring"))) is None
    in_view = question("paper ring", can_share=False)
    assert share_button(await Service(REPLIES).conversation().ask(in_view)) is None


async def test_a_form_is_returned_as_it_is() -> None:
    response = await Service(REPLIES).conversation().ask(question("digest_form", is_public=True))
    assert response.content == FORM.content
    assert response.is_private


def test_a_reply_is_announced_with_the_visibility_that_its_command_has() -> None:
    talk = Service(REPLIES).conversation()
    assert talk.expects_public(question("paper ring", is_public=True))
    assert talk.expects_public(question("share paper ring"))
    assert talk.expects_public(question("tag llm", is_direct=True))
    assert not talk.expects_public(question("paper ring"))
    assert not talk.expects_public(question("tag llm", is_public=True))
