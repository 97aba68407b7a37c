"""Questions that begin a discussion: one for each paper, chosen by its key and its tags (pure)."""

from dataclasses import dataclass, replace
from hashlib import sha256

from bot.cards.locale import Locale
from bot.lib.marker import _
from bot.model.card import Card, Paragraph, Run, Style
from bot.model.papers import Paper


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question about a paper."""

    question: str
    """A sentence of the catalogues."""
    tags: frozenset[str]
    """The tags that it fits."""


GENERAL = (
    _("What surprised you most in this paper?"),
    _("Which result would you like to see reproduced before you believe it?"),
    _("If you had a week, what would you build on this?"),
    _("What is the weakest point of the argument?"),
    _("Which baseline is missing from the comparison?"),
    _("Who would use this tomorrow, and what for?"),
    _("Which earlier paper does this remind you of, and what is different?"),
    _("What would have to be true for this to matter in two years?"),
    _("Which figure or table says the most, and why?"),
    _("What would you ask the authors?"),
    _("How would you explain the main idea to a colleague in one sentence?"),
    _("Where would this break first outside of the paper's own setting?"),
    _("Which part could be left out, and the result would still hold?"),
)
"""What can be asked about any paper; sentences of the catalogues."""

SPECIFIC = tuple(
    Prompt(question, frozenset(tags.split()))
    for question, tags in (
        (_("Which task would you trust an agent like this with, and which one not?"),
         "agents multi-agent planning tool-use computer-use deep-research"),
        (_("Would several agents beat one good one here, for the same number of tokens?"),
         "multi-agent agents"),
        (_("Does the benchmark measure what it says, or something easier?"),
         "benchmark evaluation"),
        (_("Which part of the data would you look at by hand first?"),
         "dataset synthetic-data pretraining"),
        (_("Is this reasoning, or good pattern matching, and how could one tell?"),
         "reasoning chain-of-thought math theorem-proving test-time-compute"),
        (_("How much more compute at inference is a better answer worth to you?"),
         "test-time-compute reasoning scaling-laws"),
        (_("Would you spend the same budget on a larger model or on better data?"),
         "scaling-laws pretraining small-models llm"),
        (_("Where would you give up quality for this saving, and where not?"),
         "efficiency quantization pruning distillation speculative-decoding kv-cache"),
        (_("Could this run on hardware that you have?"),
         "small-models quantization efficiency open-models model-release"),
        (_("Do you need so long a context, or better retrieval?"),
         "long-context rag retrieval memory context-engineering"),
        (_("What in your own documents would make this retrieval fail?"),
         "rag retrieval embeddings structured-data"),
        (_("Will attention still be at the centre in three years?"),
         "attention architecture state-space-models mixture-of-experts"),
        (_("What would you fine-tune with this, and on which data?"),
         "fine-tuning continual-learning rlhf in-context-learning"),
        (_("Can the reward be gamed, and how would one notice?"),
         "reinforcement-learning rlhf reward-models alignment"),
        (_("Which risk does this lower, and which new one does it bring?"),
         "safety security privacy alignment bias watermarking policy"),
        (_("How would you find out that the model made this up?"),
         "hallucination evaluation interpretability"),
        (_("Does the explanation change how you would use the model?"),
         "interpretability cognition theory"),
        (_("Would you merge code that was written this way without reading it?"),
         "code-generation"),
        (_("What happens when the real world differs from the simulation?"),
         "robotics world-models simulation games"),
        (_("Which picture or clip would this model get wrong?"),
         "computer-vision vision-language multimodal image-generation video diffusion 3d"),
        (_("How would this do in Korean, or in another language that you speak?"),
         "multilingual tokenization dialogue audio"),
        (_("Would an expert of the field change their work because of this?"),
         "medical science biology chemistry law finance education climate"),
    )
)  # fmt: skip
"""What fits some tags."""


def prompt_for(paper: Paper) -> str:
    """Return the question about a paper, always the same for the same tags."""
    tags = frozenset(paper.all_tags)
    fitting = [each.question for each in SPECIFIC if each.tags & tags]
    number = int.from_bytes(sha256(paper.key.encode()).digest()[:8])
    # Of three papers two get a question of their subject.
    questions = fitting if fitting and number % 3 else GENERAL
    return questions[number // 3 % len(questions)]


def with_prompt(locale: Locale, card: Card, paper: Paper) -> Card:
    """Return the card that begins a discussion with a question at its end."""
    question = prompt_for(paper)
    asked = dict.fromkeys(each.translate(question) for each in locale.by_language())
    return replace(
        card,
        blocks=(*card.blocks, *(Paragraph((Run(each, Style.STRONG),)) for each in asked)),
    )
