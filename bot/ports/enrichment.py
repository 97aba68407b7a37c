"""What storage keeps of papers beside their texts: vectors, and records of other services."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model.papers import MetadataProvider, Paper, Record


@dataclass(frozen=True, slots=True)
class PendingVectors:
    """Papers that have no vector of a model yet."""

    papers: tuple[Paper, ...]
    """The newest first."""
    total: int
    """Number of all of them."""


class VectorStore(Protocol):
    """Storage of the papers' vectors.

    A vector is removed in the transaction that changes the texts it was computed from.
    """

    async def pending_vectors(self, model: str, limit: int) -> PendingVectors:
        """Return papers without a vector of a model."""
        ...

    async def save_vectors(self, model: str, found: Mapping[int, tuple[str, bytes]]) -> None:
        """Save the vectors of papers, each with the digest of what it was computed from.

        One whose paper changed meanwhile is left out; see `bot.papers.gist.gist_digest`.
        """
        ...


@dataclass(frozen=True, slots=True)
class PendingLookups:
    """Papers that a metadata provider is to be asked about."""

    arxiv_ids: tuple[str, ...]
    """ArXiv ids, those of the newest weeks first."""
    total: int
    """Number of all pending ones."""


@dataclass(frozen=True, slots=True)
class FailedLookup:
    """A paper that a metadata provider does not know."""

    arxiv_id: str
    """An arXiv id."""
    reason: str


class RecordStore(Protocol):
    """Storage of records; papers are identified by arXiv id."""

    def enrichment_lock(self) -> AbstractContextManager[bool]:
        """Hold the lock for enrichment while the context lasts.

        Yields whether it was acquired. It is released with the process, however that ends.
        """
        ...

    async def pending_lookups(
        self, origin: MetadataProvider, limit: int, now: datetime
    ) -> PendingLookups:
        """Return papers that a provider is to be asked about at `now` (UTC).

        ArXiv: those without a record, and those younger than 720 days whose record is 180 days
        old. Hugging Face: those whose code neither their source nor
        arXiv names. Failed look-ups are repeated after days.
        """
        ...

    async def save_records(self, found: Mapping[str, Record], now: datetime) -> None:
        """Save records; a record that exists stays, unless it was to be asked for again."""
        ...

    async def save_repositories(self, found: Mapping[str, str], now: datetime) -> None:
        """Save addresses of code; an address that exists stays."""
        ...

    async def save_failed_lookups(
        self, origin: MetadataProvider, failed: Sequence[FailedLookup], now: datetime
    ) -> None:
        """Save failed look-ups; they are repeated after 1 day, then 2, 4 … 128."""
        ...
