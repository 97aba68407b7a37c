"""Enrichment: fetches metadata records of papers from arXiv and Hugging Face."""
