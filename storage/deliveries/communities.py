"""Finds the rows of tables that belong to a community or a channel."""

from sqlalchemy import ColumnElement, Table, and_, or_

from bot.model.channels import Target
from bot.model.discussions import Community


def is_in_community(table: Table, community: Community) -> ColumnElement[bool]:
    """Return the condition of rows, by their columns of a target, that are of a community."""
    return or_(*(is_in_place(table, place) for place in community.places))


def is_in_place(table: Table, place: Target) -> ColumnElement[bool]:
    """Return the condition of rows of a channel, or of a whole workspace if none is given."""
    found = and_(table.c.platform == place.platform, table.c.workspace == place.workspace)
    return and_(found, table.c.channel == place.channel) if place.channel else found
