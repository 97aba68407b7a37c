"""True introductions of a week, and lies of each kind that a model may tell in one."""

import json

_PAPERS = (
    (
        "RingLight: Attention over Long Contexts",
        "Spreads attention over 8 devices and reaches a context of 2 million tokens.",
    ),
    (
        "MemBook: A Memory for Agents",
        "Gives language agents a memory of notes; they solve 31% more tasks of GAIA.",
    ),
    (
        "A Survey of Small Models",
        "Compares 40 models of at most 3B parameters, from training to quantization.",
    ),
    (
        "FairScore: Judging the Judges",
        "Shows that models that judge answers prefer long ones, and corrects for it.",
    ),
)
PAPERS = json.dumps(
    [
        {"name": title.partition(": ")[0], "title": title, "summary": summary}
        for title, summary in _PAPERS
    ]
)
ENGLISH = tuple(
    """\
Memory and long contexts are the first theme of this week. RingLight spreads attention over 8
devices and reaches 2 million tokens, while MemBook gives language agents a memory of notes.

The second theme is what small models can do. A Survey of Small Models compares 40 of them, with
at most 3B parameters, from training to quantization.

One paper stands apart. FairScore shows that models that judge answers prefer long ones, and
corrects for it.""".replace("\n\n", "|").replace("\n", " ").split("|")
)  # fmt: skip
KOREAN = tuple(
    """\
이번 주의 첫 주제는 기억과 긴 컨텍스트입니다. RingLight는 어텐션을 장치 8대에 나누어
2백만 토큰에 이르고, MemBook은 언어 에이전트에게 메모로 된 기억을 줍니다.

둘째 주제는 작은 모델이 할 수 있는 일입니다. A Survey of Small Models는 매개변수가 많아야
3B인 모델 40개를 학습부터 양자화까지 비교합니다.

한 편은 따로 있습니다. FairScore는 답을 평가하는 모델이 긴 답을 좋아한다는 것을 보이고
이를 바로잡습니다.""".replace("\n\n", "|").replace("\n", " ").split("|")
)  # fmt: skip


def join(paragraphs: tuple[str, ...]) -> str:
    """Return paragraphs as one text."""
    return "\n\n".join(paragraphs)


def _with(language: str, *changes: tuple[str, str]) -> tuple[str, str]:
    text = join(ENGLISH if language == "en" else KOREAN)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text, language


def _plus(language: str, sentence: str) -> tuple[str, str]:
    return f"{join(ENGLISH if language == 'en' else KOREAN)} {sentence}", language


LIES: dict[str, tuple[tuple[str, str], ...]] = {
    "invents a paper": (
        _plus("en", "ToolForge plans calls of tools."),
        _plus("en", "Another paper, “The Art of Pruning Trees”, is about pruning."),
        _plus("ko", "“Scaling Laws for Agents”도 목록에 있습니다."),
        _with("en", ("MemBook", "MemBank")),
        _with("ko", ("FairScore", "FareScore")),
    ),
    "adds a name": (
        _with("en", ("language agents", "agents built on GPT-4")),
        _with("en", ("8 devices", "8 devices of CUDA")),
        _with("ko", ("언어 에이전트", "Llama 에이전트")),
        _with("en", ("what small models can do", "what the Pythia models can do")),
        _with("ko", ("작은 모델이", "작은 모델(SLM-X)이")),
    ),
    "adds a number": (
        _with("en", ("8 devices", "64 devices")),
        _with("en", ("2 million", "20 million")),
        _with("ko", ("40개를", "400개를")),
        _with("en", ("a memory of notes", "a memory that makes them 3x faster")),
        _plus("ko", "정확도는 95%입니다."),
    ),
    "names a company": (
        _with("en", ("FairScore shows", "FairScore, by Google, shows")),
        _plus("en", "OpenAI has a paper in the list."),
        _with("ko", ("RingLight는", "구글의 RingLight는")),
        _plus("ko", "메타가 쓴 논문입니다."),
        _with("en", ("MemBook gives", "Stanford gives MemBook, for")),
    ),
    "praises and guesses": (
        _plus("en", "These models will change the world of search."),
        _plus("en", "More research is needed."),
        _plus("ko", "앞으로 더 많은 연구가 필요합니다."),
        _plus("ko", "중요한 의미가 있습니다."),
        _plus("en", "This is a significant result."),
    ),
    "speaks as the authors": (
        _with("en", ("RingLight spreads", "We present RingLight, which spreads")),
        _with("en", ("FairScore shows", "Our FairScore shows")),
        _with("ko", ("RingLight는", "저희는 RingLight에서")),
        _with("ko", ("FairScore는", "우리는 FairScore로")),
        _with("en", ("compares", "lets us compare")),
    ),
    "names too few papers": (
        _with("en", ("RingLight", "One paper"), ("MemBook", "another"), ("FairScore", "It")),
        _with("ko", ("RingLight", "한 논문"), ("MemBook", "다른 논문"), ("FairScore", "이 논문")),
        (f"{ENGLISH[1]}\n\n" + "All of these are worth a look, and short. " * 5, "en"),
        (join(("These are papers about memory, and about models.",) * 8), "en"),
        (join(("기억과 모델에 대한 논문들입니다.",) * 12), "ko"),
    ),
    "is of the wrong form": (
        (join(ENGLISH), "ko"),
        (join(KOREAN), "en"),
        (KOREAN[0], "ko"),
        (ENGLISH[0], "en"),
        (join(ENGLISH) * 9, "en"),
    ),
    "writes markup": (
        _with("en", ("RingLight", "**RingLight**")),
        _with("ko", ("MemBook", "[MemBook](https://example.org)")),
        _with("en", ("FairScore", "<b>FairScore</b>")),
        (f"# This week\n\n{join(ENGLISH)}", "en"),
        (f"- {join(KOREAN)}", "ko"),
    ),
    "chatters": (
        (f"Sure, here is the introduction: {join(ENGLISH)}", "en"),
        (f"물론입니다. {join(KOREAN)}", "ko"),
        _plus("en", "Let me know if you want more."),
        _plus("ko", "도움이 되었기를 바랍니다."),
        (f"As an AI, I cannot read them all. {join(ENGLISH)}", "en"),
    ),
    "changes the tone": (
        _with("ko", ("줍니다", "준다")),
        _with("ko", ("비교합니다", "비교해요")),
        _with("ko", ("바로잡습니다", "바로잡는다")),
        _with("ko", ("주제는 기억과 긴 컨텍스트입니다", "주제는 기억과 긴 컨텍스트다")),
        _with("ko", ("한 편은 따로 있습니다", "한 편은 따로 있네요")),
    ),
    "says what no summary says": (
        _plus("en", "It works for every language."),
        _plus("en", "The code is free."),
        _plus("ko", "누구나 쓸 수 있습니다."),
        _with("en", ("prefer long ones", "prefer short ones")),
        _with("ko", ("긴 답을 좋아한다는", "짧은 답을 좋아한다는")),
    ),
}
