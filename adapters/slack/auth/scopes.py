"""OAuth scopes of the app, and what each is needed for."""

SCOPES = {
    "app_mentions:read": "receive mentions of @paperboy",
    "channels:history": "find its own messages again in public channels",
    "channels:read": "see public channels, and who created them",
    "chat:write": "post",
    "commands": "have commands",
    "files:write": "show charts",
    "groups:history": "find its own messages again in private channels",
    "groups:read": "see the private channels it is in, and who created them",
    "im:history": "receive direct messages",
    "im:read": "tell its direct messages with a person from those of two people",
    "im:write": "tell the subscriber what went wrong",
    "links:read": "see addresses of papers that people post",
    "links:write": "show the paper under its address",
    "users:read": "know a person's language, and who is an admin",
}
"""Each scope with what Paperboy cannot do without it, as `doctor` prints it."""
