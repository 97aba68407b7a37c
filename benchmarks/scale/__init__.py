"""How planning grows with the number of subscriptions at one slot."""
