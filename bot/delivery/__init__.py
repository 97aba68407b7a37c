"""Delivery: sends each part that is due once, in order and at the platform's pace."""
