"""Words the direct messages that people asked for, from what is stored when they are sent."""

from collections.abc import Callable

from bot.cards.follows import new_papers_card
from bot.cards.locale import Locale
from bot.cards.reminders import reminder_card
from bot.model.card import Card
from bot.model.channels import Person
from bot.model.deliveries import DuePart, Purpose
from bot.ports.archive import Archive
from bot.ports.people import PeopleStore


class PersonalMessages:
    """Makes the cards of messages to one person."""

    def __init__(
        self, archive: Archive, people: PeopleStore, tag_name: Callable[[str, str], str]
    ) -> None:
        """Read from these; `tag_name` tells what a tag is called in a language."""
        self._archive = archive
        self._people = people
        self._tag_name = tag_name

    async def card(self, due_part: DuePart, locale: Locale) -> Card | None:
        """Return the card of a message; None where there is nothing to tell any more.

        Raises StorageUnavailable.
        """
        delivery, target = due_part.delivery, due_part.subscription.target
        if delivery.purpose is Purpose.REMINDER:
            reminder = await self._people.reminder(delivery.paper)
            papers = await self._archive.papers([reminder.paper]) if reminder else ()
            return reminder_card(locale, papers[0]) if papers else None
        person = Person(target.platform, target.person)
        found = await self._people.followed_papers(person, delivery.due_at)
        numbers = [number for each in found for number in each.papers]
        papers = await self._archive.papers(numbers)
        by_number = {paper.id: paper for paper in papers}

        def tag_name(slug: str) -> str:
            return self._tag_name(slug, locale.languages[0])

        return new_papers_card(locale, found, by_number, tag_name)
