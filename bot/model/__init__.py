"""The domain model: papers, weeks, channels, subscriptions, deliveries and cards as frozen data."""
