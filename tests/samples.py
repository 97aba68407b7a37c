"""Sample data that several tests share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from bot.model.papers import Entry, Issue, Link, MetadataProvider, Paper, Record
from bot.model.weeks import Week

FILES = Path(__file__).with_name("samples")
"""The sample files."""

MONDAY = date(2023, 10, 9)

RING = Paper(
    key="arxiv:2310.01889",
    aliases=("x:1709630382457733596",),
    titles={
        "ko": "링 어텐션: 거의 무한한 문맥을 다루는 블록 단위 트랜스포머",
        "en": "Ring Attention with Blockwise Transformers for Near-Infinite Context",
    },
    summaries={
        "ko": "긴 글을 여러 장치에 나누어 처리합니다. 기억 장치의 한계를 넘어섭니다.",
        "en": "Spreads long sequences over a ring of devices. Memory stops being the limit.",
    },
    abstracts={"en": "Blocks travel around the ring while attention is computed."},
    tags=("long-context",),
    links=(
        Link("paper", "Paper", "https://arxiv.org/abs/2310.01889"),
        Link("post", "Tweet", "https://x.com/haoliuhl/status/1709630382457733596"),
    ),
)

RECORD = Record(
    origin=MetadataProvider.ARXIV,
    title="Ring Attention, as arXiv has it",
    abstract="Transformers are limited by memory.\n\nBlocks travel around a ring.",
    authors=("Hao Liu", "Matei Zaharia", "Pieter Abbeel"),
    published=date(2023, 10, 3),
    updated=date(2023, 11, 27),
    category="cs.CL",
    categories=("cs.CL", "cs.LG"),
    doi="10.1/ring",
    journal="Journal of Rings 1",
    comment="12 pages",
    pdf="https://arxiv.org/pdf/2310.01889",
)
"""What arXiv could say of the paper above."""

RECORDED = replace(
    RING,
    abstracts={},
    record=replace(RECORD, repository="https://github.com/lhao499/RingAttention"),
)

UNISIM = Paper(
    key="arxiv:2310.06114",
    titles={"en": "UniSim: Learning Interactive Real-World Simulators"},
    nickname="UniSim",
    summaries={"en": "Learns a simulator of the world from video."},
    tags=("robotics",),
    links=(Link("paper", "Paper", "https://arxiv.org/abs/2310.06114"),),
)

FIREACT = Paper(
    key="arxiv:2310.05915",
    titles={
        "ko": "파이어액트: 언어 에이전트를 미세 조정하기",
        "en": "FireAct: Toward Language Agent Fine-tuning",
    },
    nickname="FireAct",
    summaries={"ko": "에이전트의 궤적으로 모델을 다시 학습합니다."},
    tags=("agents", "fine-tuning"),
    links=(Link("paper", "Paper", "https://arxiv.org/abs/2310.05915"),),
)


def issue(
    papers: Sequence[Paper] = (RING, UNISIM, FIREACT),
    start: date = MONDAY,
    series: str = "dair",
    **more: object,
) -> Issue:
    """Return an issue of a week with these papers."""
    return Issue(
        series=series,
        week=Week.of(start),
        start=start,
        end=start + timedelta(days=6),
        titles={"en": "Top ML Papers of the Week"},
        entries=tuple(Entry(place, paper) for place, paper in enumerate(papers, start=1)),
        **more,  # type: ignore[arg-type]
    )
