"""Reads the bundled words, once each: the vocabulary of tags, and the thesaurus."""

from functools import cache

from bot.lib.deferred import make_later
from bot.model.papers import Paper
from bot.papers.tag_scores import TagWeights
from bot.papers.tagging import Vocabulary, infer_tags
from bot.search.thesaurus import Thesaurus
from config import glossary, vocabulary


@cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary of tags; its weights are read when tags are inferred."""
    weights = make_later(lambda: TagWeights.of(vocabulary.load_weights()))
    return Vocabulary.of(vocabulary.load(), weights)


@cache
def load_thesaurus() -> Thesaurus:
    """Return the thesaurus."""
    return Thesaurus.of(glossary.load(), load_vocabulary(), glossary.load_synonyms())


def load_all() -> None:
    """Read all words now, for a program that answers many; otherwise each when it is needed."""
    load_thesaurus()
    infer_tags(load_vocabulary(), Paper(key=""))
