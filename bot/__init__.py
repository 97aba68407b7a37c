"""The core: papers, look-up, delivery and wording; no platform, no database, no settings."""
