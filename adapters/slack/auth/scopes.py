"""OAuth scopes of the app, and what each is needed for."""

SCOPES = {
    "app_mentions:read": "hear @paperboy",
    "channels:history": "find what it posted in public channels again",
    "channels:read": "see public channels, and who made them",
    "chat:write": "post",
    "commands": "have commands",
    "groups:history": "find what it posted in private channels again",
    "groups:read": "see private channels it is in, and who made them",
    "im:history": "hear direct messages",
    "im:read": "tell its direct messages with a person from those of two people",
    "im:write": "tell the subscriber what went wrong",
    "users:read": "know a person's language, and who is an admin",
}
"""Each scope with what Paperboy cannot do without it, as `doctor` prints it."""
