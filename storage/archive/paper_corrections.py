"""Reads and writes what curators say of papers, wherever these are listed."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.archive.row_mapping import LINKS_FIELD
from storage.schema.archive import corrections, curated_tags

TAG_FIELD = "tag"

CorrectionName = tuple[str, str]
"""The field of a correction and its language; for a tag, `TAG_FIELD` and the tag."""


def value_of(connection: Connection, number: int, name: CorrectionName) -> Any:
    """Return what curators say of a paper: a text, links as JSON, or whether it has a tag."""
    field, language = name
    if field == TAG_FIELD:
        of_tag = (curated_tags.c.paper_id == number, curated_tags.c.tag == language)
        return connection.scalar(select(curated_tags.c.wanted).where(*of_tag))
    text = connection.scalar(select(corrections.c.text).where(*_of(number, name)))
    return json.loads(text) if field == LINKS_FIELD and text is not None else text


def set_value(
    connection: Connection, number: int, name: CorrectionName, value: Any, now: datetime
) -> None:
    """Set what curators say of a paper; None returns to the sources."""
    field, language = name
    if field == TAG_FIELD:
        table, place = curated_tags, (
            curated_tags.c.paper_id == number, curated_tags.c.tag == language,
        )  # fmt: skip
        row = {"paper_id": number, "tag": language, "wanted": value}
    else:
        table, place = corrections, _of(number, name)
        text = json.dumps(value) if field == LINKS_FIELD and value is not None else value
        row = {"paper_id": number, "field": field, "language": language, "text": text}
        row["made_at"] = now
    connection.execute(delete(table).where(*place))
    if value is not None:
        connection.execute(insert(table).values(row))


def set_missing(
    connection: Connection, number: int, name: CorrectionName, value: Any, now: datetime
) -> None:
    """Set what was imported as a curator's word, where the archive's own curators said nothing."""
    if value_of(connection, number, name) is None:
        set_value(connection, number, name, value, now)


def tags_of(connection: Connection, number: int) -> tuple[str, ...]:
    """Return the tags of which curators say whether a paper has them."""
    of_paper = curated_tags.c.paper_id == number
    return tuple(connection.scalars(select(curated_tags.c.tag).where(of_paper)))


def _of(number: int, name: CorrectionName) -> tuple[Any, ...]:
    return (
        corrections.c.paper_id == number,
        corrections.c.field == name[0],
        corrections.c.language == name[1],
    )
