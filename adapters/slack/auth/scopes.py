"""OAuth scopes of the app, and what each is needed for."""

from collections.abc import Mapping

from adapters.slack.options import Options

SCOPES = {
    "app_mentions:read": "receive mentions of @paperboy",
    "channels:history": "find its own messages again in public channels",
    "channels:read": "see public channels, and who created them",
    "chat:write": "post",
    "commands": "have commands",
    "files:write": "show charts",
    "groups:history": "find its own messages again in private channels",
    "groups:read": "see the private channels it is in, and who created them",
    "im:history": "receive direct messages, and find its own ones again",
    "im:read": "tell its direct messages with a person from those of two people",
    "im:write": "tell the subscriber what went wrong, and a person what is new",
    "links:read": "see addresses of papers that people post",
    "links:write": "show the paper under its address",
    "reactions:read": "count reactions to papers as votes",
    "users:read": "know a person's language, and who is an admin",
}
"""Each scope with what Paperboy cannot do without it, as `doctor` prints it."""

_GROUPS_SCOPE = {"usergroups:read": "know who is in the user groups of curators"}


def scopes_for(options: Options) -> Mapping[str, str]:
    """Return the scopes that these settings need, with what each is for."""
    return SCOPES | (_GROUPS_SCOPE if options.curator_groups else {})
