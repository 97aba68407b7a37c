"""Settings of where papers' records are fetched."""

import re

from pydantic import ValidationInfo, field_validator

from config.section import Section


class RecordSettings(Section):
    """Fetching of papers' records: authors, dates, categories, abstracts, code."""

    enabled: bool = True
    """Whether records are fetched."""
    arxiv_url: str = "https://export.arxiv.org/api/query"
    """The API for authors, dates, categories and abstracts."""
    hugging_face_url: str = "https://huggingface.co/api/papers"
    """The API for the place of a paper's code; empty: not looked up."""

    @field_validator("arxiv_url", "hugging_face_url")
    @classmethod
    def _are_addresses(cls, url: str, info: ValidationInfo) -> str:
        if not re.match(r"https?://[^/\s?#]+[^\s?#]*$", url) and (
            url or info.field_name == "arxiv_url"
        ):
            raise ValueError("the address has to begin with https://, and ends before any ?")
        return url.rstrip("/")
