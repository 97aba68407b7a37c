"""Small building blocks that know nothing of papers: clock, backoff, rate limit, text and URL tools."""
