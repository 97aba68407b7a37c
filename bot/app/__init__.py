"""Puts the parts together; beside the command line, the only room that knows all of them."""
