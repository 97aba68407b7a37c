"""What the bot answers, a module per noun."""
