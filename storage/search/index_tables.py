"""Writes the look-up index in the transaction that changes the papers."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

from bot.lib.normalise import index_tokens, initial_consonants, letters, title_names, words
from bot.lib.transliteration import sounds_from_each_word
from bot.model.papers import Paper, Record
from bot.papers.identifiers import slugify
from storage.reader import Reader, rows_among

START_LENGTH = 16
"""How many letters kept of each start; more does not distinguish names."""

HEAD_LENGTHS = (1, 2)
"""Lengths of prefixes that are indexed themselves, as too many names share them."""

HEAD_MARK = "^"
"""Marks an indexed short prefix."""

MAX_VARIANT_LENGTH = 9
"""Maximum letters of names that are indexed with one letter left out."""

VARIANT_MARK = "\u01c2"
"""Marks a name with one letter left out, to distinguish it from a trigram; a letter to FTS5."""

INITIALS_MARK = "~"
"""Marks the initial consonants of a Korean name."""


SOUND_MARK = "="
"""Marks the consonant skeletons of a name; see `bot.lib.transliteration`."""

_MAX_SOUNDED_WORDS = 5
"""Longer names are found by sound from their first word only."""

_INITIAL_WORDS = range(3, 8)
"""Numbers of words of a name whose initials are a name as well."""

_SMALL_WORDS = frozenset(
    {"a", "an", "the", "of", "for", "in", "on", "to", "and", "with", "via", "by"}
)

_WORD = re.compile(r"\w+")
_CAMEL = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ACCOUNT = re.compile(r"^https?://(?:www\.)?(?:x|twitter)\.com/([A-Za-z0-9_]+)/status")

INDEX_VERSION = "4"
"""Changes whenever papers have to be indexed anew."""

NameTokens = tuple[int, Sequence[str], Sequence[str]]
"""A name by its number, with its trigrams and variants, and its words."""


class WriteConnection(Reader, Protocol):
    """A database connection inside a transaction; the parameters are question marks."""

    def many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute a statement for each row."""
        ...

    def add_names(self, rows: Sequence[NameTokens]) -> None:
        """Store the trigrams and the words of names."""
        ...

    def remove_names(self, rows: Sequence[NameTokens]) -> None:
        """Remove the trigrams and the words of names, which are given as they were stored."""
        ...

    def add_texts(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Store the tokens of texts, by the number of the paper."""
        ...

    def remove_texts(self, numbers: Sequence[int]) -> None:
        """Remove the tokens of texts."""
        ...

    def clear(self) -> None:
        """Remove the tokens of all names and texts, whatever version wrote them."""
        ...


def index_papers(connection: WriteConnection, papers: Iterable[Paper]) -> None:
    """Index papers, replacing their earlier index entries."""
    found = list(papers)
    remove_papers(connection, [paper.id for paper in found])
    first = connection.rows("SELECT coalesce(max(id), 0) + 1 FROM names")[0][0]
    rows = [
        (number, *row)
        for number, row in enumerate(
            (row for paper in found for row in _names(paper)), start=first
        )
    ]
    add_names(connection, rows)
    add_texts(connection, found)


def add_names(connection: WriteConnection, rows: Sequence[tuple[int, int, int, str, str]]) -> None:
    """Index names: each with its number, paper, newest day, letters and spelling."""
    connection.many("INSERT INTO names VALUES (?, ?, ?, ?, ?)", rows)
    _write_names(connection, [(row[0], *row[2:]) for row in rows], 1)


def add_texts(connection: WriteConnection, papers: Iterable[Paper]) -> None:
    """Index the texts of papers."""
    connection.add_texts(
        [(paper.id, index_tokens("\n".join(texts_of(paper)))) for paper in papers]
    )


def clear(connection: WriteConnection) -> None:
    """Empty the index, whatever version of it there is."""
    for table in ("names", "name_starts", "gram_counts"):
        connection.many(f"DELETE FROM {table}", [()])  # noqa: S608 - ours
    connection.clear()


def remove_papers(connection: WriteConnection, numbers: Sequence[int]) -> None:
    """Remove papers from the index."""
    names = "SELECT id, newest, letters, name FROM names WHERE paper_id IN ({marks})"
    known = list(rows_among(connection, names, numbers))
    _write_names(connection, known, -1)
    connection.many("DELETE FROM names WHERE id = ?", [(row[0],) for row in known])
    connection.remove_texts(numbers)


def _write_names(
    connection: WriteConnection, names: Sequence[tuple[int, int, str, str]], sign: int
) -> None:
    """Add (sign 1) or remove (sign -1) what is derived of names: id, newest, letters, name."""
    starts: list[tuple[str, int, int]] = []
    tokens: list[NameTokens] = []
    for number, newest, spelt, name in names:
        if spelt != letters(name):
            continue  # initials are found whole, and a mistake in them makes other ones
        parts = [word if word.isascii() else letters(word) for word in _words_of(name)]
        starts += [(start, newest, number) for start in _starts(spelt, name, parts)]
        own = sorted(trigrams(spelt) | deletion_variants(spelt))
        tokens.append((number, own, parts))
    if sign > 0:
        connection.many("INSERT INTO name_starts VALUES (?, ?, ?)", starts)
        connection.add_names(tokens)
    else:
        connection.many(
            "DELETE FROM name_starts WHERE start = ? AND newest = ? AND name_id = ?", starts
        )
        connection.remove_names(tokens)
    _count(connection, Counter(chain.from_iterable(own for _, own, _ in tokens)), sign)


def trigrams(spelt: str) -> set[str]:
    """Return the trigrams of letters; of a shorter name, the name itself."""
    return {spelt[place : place + 3] for place in range(max(len(spelt) - 2, 1))}


def deletion_variants(spelt: str) -> set[str]:
    """Return a short name whole and with each letter left out once; nothing for a long name.

    A typo in a short name breaks every trigram; two names that differ in one letter still share
    one of these variants.
    """
    if len(spelt) > MAX_VARIANT_LENGTH:
        return set()
    return {VARIANT_MARK + spelt} | {
        VARIANT_MARK + spelt[:place] + spelt[place + 1 :] for place in range(len(spelt))
    }


def _count(connection: WriteConnection, counts: Counter[str], sign: int) -> None:
    connection.many(
        "INSERT INTO gram_counts VALUES (?, ?) "
        "ON CONFLICT (gram) DO UPDATE SET count = gram_counts.count + excluded.count",
        [(gram, sign * count) for gram, count in counts.items()],
    )
    if sign < 0:
        connection.many(
            "DELETE FROM gram_counts WHERE gram = ? AND count <= 0", [(gram,) for gram in counts]
        )


def _names(paper: Paper) -> Iterator[tuple[int, int, str, str]]:
    newest = paper.appearances[0].start.toordinal() if paper.appearances else 0
    given = [*paper.titles.values(), *filter(None, [paper.nickname])]
    if paper.key.startswith("title:"):
        given.append(slugify(paper.key.removeprefix("title:")))
    found: dict[str, str] = {}
    names = [name for title in given for name in title_names(title)]
    for name in names:
        found.setdefault(letters(name), name)
    for name in names:
        for initials in name_initials(name):
            found.setdefault(initials, name)
    for spelt, name in found.items():
        yield paper.id, newest, spelt, name


def name_initials(name: str) -> tuple[str, ...]:
    """Return the initials of a name of several words: of all, and of those that carry meaning."""
    parts = _words_of(name)
    if len(parts) not in _INITIAL_WORDS or not all(map(str.isascii, parts)):
        return ()
    content = [word for word in parts if word not in _SMALL_WORDS]
    found = ("".join(word[0] for word in each) for each in (parts, content))
    return tuple(dict.fromkeys(each for each in found if len(each) in _INITIAL_WORDS))


# The words of a name are asked for again when it is written.
_words_of = lru_cache(maxsize=8_192)(words)


def _starts(spelt: str, name: str, parts: Sequence[str]) -> set[str]:
    """Return the starts by which a name is found, given the letters of its words."""
    found = {HEAD_MARK + spelt[:length] for length in HEAD_LENGTHS}
    rest = spelt
    for part in parts:
        found.add(rest[:START_LENGTH])
        rest = rest[len(part) :]
    if consonants := initial_consonants(name):
        for word in _words_of(name):
            if own := initial_consonants(word):
                found.add(INITIALS_MARK + consonants[:START_LENGTH])
                consonants = consonants[len(own) :]
    is_short = len(_WORD.findall(name)) <= _MAX_SOUNDED_WORDS
    for spoken in sounds_from_each_word(name, None if is_short else 1):
        found.update([SOUND_MARK + sound[:START_LENGTH] for sound in spoken])
    return found


def texts_of(paper: Paper) -> list[str]:
    """Return the texts of a paper that are indexed for the look-up of words."""
    return [
        *paper.titles.values(),
        paper.nickname,
        *paper.summaries.values(),
        *paper.abstracts.values(),
        *_record_texts(paper.record),
        *_accounts(paper),
        *_joined_words(paper),
    ]


def _accounts(paper: Paper) -> Iterator[str]:
    """Yield the accounts that announced a paper, often those of its authors."""
    for link in paper.links:
        if match := _ACCOUNT.match(link.url):
            yield match[1]
            yield " ".join(_CAMEL.findall(match[1]))


def _joined_words(paper: Paper) -> Iterator[str]:
    """Yield the words of names that are written as one: Tiny Stories of TinyStories."""
    for name in dict.fromkeys((*paper.titles.values(), paper.nickname)):
        for word in _WORD.findall(name):
            is_one = word[1:].islower() and word.isalpha() and word.isascii()
            if not is_one and len(parts := _CAMEL.findall(word)) > 1:
                yield " ".join(parts)


def _record_texts(record: Record | None) -> tuple[str, ...]:
    """Return the searchable texts of a record: authors and abstract."""
    return (", ".join(record.authors), record.abstract) if record else ()
