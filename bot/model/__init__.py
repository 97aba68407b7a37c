"""The domain model: papers, weeks, channels, subscriptions, deliveries, cards; frozen data."""
