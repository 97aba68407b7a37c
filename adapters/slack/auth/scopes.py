"""What the app may do in a workspace, and what each right is for; nothing more is asked for."""

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
    "im:write": "tell whoever subscribed what went wrong",
    "users:read": "know a person's language, and who is an admin",
}
"""Every scope, and what Paperboy cannot do without it."""
