"""Storage of subscriptions, deliveries, notices and discussions."""
