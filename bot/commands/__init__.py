"""Commands: registry, handlers, autocomplete and the conversation policy of all platforms."""
