"""Building blocks that know nothing of papers: clock, backoff, rate limits, text and URLs."""
