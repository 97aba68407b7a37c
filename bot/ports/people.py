"""The port to what is stored about people: papers that they keep, and all else about them."""

from datetime import datetime
from typing import Protocol

from bot.model.channels import Person
from bot.model.people import PersonData, SavedOrder, SavedPage


class PeopleStore(Protocol):
    """What is stored about people. Every method may raise StorageUnavailable.

    A person is the same in all servers of a platform.
    """

    async def save_paper(self, person: Person, paper: int, now: datetime) -> bool:
        """Keep a paper for a person; False where it was kept before."""
        ...

    async def remove_paper(self, person: Person, paper: int) -> bool:
        """Keep a paper no more; False where it was not kept."""
        ...

    async def mark_read(self, person: Person, paper: int, read_at: datetime | None) -> None:
        """Mark a paper that is kept as read, or as unread with None."""
        ...

    async def saved_papers(
        self, person: Person, order: SavedOrder, limit: int, offset: int = 0
    ) -> SavedPage:
        """Return papers that a person keeps."""
        ...

    async def person_data(self, person: Person) -> PersonData:
        """Return all that is stored about a person."""
        ...

    async def forget_person(self, person: Person) -> PersonData:
        """Delete all that is stored about a person at once, and return what it was.

        The id is in no place of the database afterwards, free space included.
        """
        ...
