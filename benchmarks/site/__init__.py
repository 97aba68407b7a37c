"""How fast pages are at 100,000 papers, beside a bare Starlette page in the same run."""
