"""What every answer needs: the archive, the vocabulary, the languages, the calendar."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.cards.locale import LANGUAGE_CHOICES, Catalogues, Locale
from bot.model.access import Audience, ThreadPermission
from bot.model.subscriptions import Layout
from bot.papers.tagging import Vocabulary
from bot.ports.archive import Archive, RecordStore
from bot.ports.conversation import Request
from bot.ports.ledger import Ledger
from bot.ports.platform import SupportsThreads
from bot.ports.source_state import SourceStateStore


@dataclass(frozen=True, slots=True)
class Context:
    """Put together once, when the program starts."""

    archive: Archive
    records: RecordStore
    vocabulary: Vocabulary
    catalogues: Catalogues
    language: str
    """'ko', 'en' or 'both': what is spoken to people who do not say theirs."""
    series: tuple[str, ...]
    """The series that answer first, where several have a week."""
    today: Callable[[], date]
    version: str
    ledger: Ledger
    source_states: SourceStateStore
    now: Callable[[], datetime]
    zone: str
    """The time zone that a new subscription begins with."""
    platforms: frozenset[str]
    """The platforms that digests are posted on."""
    layouts: Callable[[str], Sequence[Layout]]
    """How a digest may fill a channel of a platform."""
    audience: Audience = field(default_factory=Audience)
    discussion_permission: ThreadPermission = ThreadPermission.EVERYONE
    """Who may open discussions."""
    threads: Mapping[str, SupportsThreads] = field(default_factory=dict)
    """The platforms on which papers have threads, while they are served."""

    async def is_empty(self) -> bool:
        """Tell whether the archive has no week yet."""
        return not (await self.archive.totals()).issues

    def locale(self, request: Request, choice: str = "") -> Locale:
        """Return the voice for a request; `choice` stands above the person's own language."""
        for wanted in (choice, request.person.language, self.language):
            if wanted in LANGUAGE_CHOICES:
                return Locale(self.catalogues, wanted)
        return Locale(self.catalogues, "en")
