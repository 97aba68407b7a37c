"""A Discourse forum on a loopback host: lists in pages, topics that are edited, both tag forms."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from html import escape

from tests.web_server import Page, ReceivedRequest, WebServer

PER_PAGE = 3
START = datetime(2026, 1, 1, tzinfo=UTC)


def title(start: date) -> str:
    """Return the title of a weekly post."""
    end = start + timedelta(days=6)
    return f"[{start:%Y/%m/%d} ~ {end:%m/%d}] 이번 주의 주요 ML 논문 (Top ML Papers of the Week)"


def cooked(start: date, text: str = "좋은 논문입니다.", papers: int = 2) -> str:
    """Return the HTML of a weekly post."""
    parts = ["<p>소개 문단입니다.</p>"]
    for number in range(1, papers + 1):
        key = f"{start.year % 100:02}{start.month:02}.{start.day:02}{number:03}"
        parts.append(
            f"<hr><h2>논문 {key} / Paper {key}</h2><h3>논문 소개</h3><p>{text}</p>"
            f"<h3>논문 링크</h3><aside class='onebox' data-onebox-src='https://arxiv.org/abs/{key}'>"
            "<h3>x</h3></aside>"
        )
    return "".join(parts)


def cook(text: str, *, is_quoted: bool) -> tuple[str, str]:
    """Return the title and the HTML of a weekly post that was copied as plain text.

    Posts of 2023 have a text's Korean and English in one list item, the English either quoted or
    as a second paragraph.
    """
    head, *lines = [line for line in text.splitlines() if line.strip()]
    parts: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        words = escape(line.strip().removeprefix("• "))
        if line.startswith("  •"):
            parts.append(f"<ul><li><p>{words}</p>" + ("" if _is_indented(after) else "</li></ul>"))
        elif _is_indented(line):
            inner = f"<p>{words}</p>"
            quote = f"<blockquote>{inner}</blockquote>" if is_quoted else inner
            parts.append(f"{quote}</li></ul>")
        elif after.strip() == "논문 소개":
            parts.append(f"<hr><h2>{words}</h2>")
        elif words in {"논문 소개", "논문 초록", "논문 링크", "더 읽어보기"}:
            parts.append(f"<h3>{words}</h3>")
        elif words in {"소개", "원문"}:
            parts.append(f"<h2>{words}</h2>")
        elif words.startswith("http"):
            parts.append(f"<aside class='onebox' data-onebox-src='{words}'><h3>x</h3></aside>")
        else:
            parts.append(f"<p>{words}</p>")
    return head, "".join(parts)


def _is_indented(line: str) -> bool:
    return line.startswith("    ")


@dataclass(frozen=True)
class Topic:
    """A topic."""

    id: int
    title: str
    cooked: str
    bumped_at: datetime
    tags: tuple[str, ...] = ("papers",)
    is_pinned: bool = False
    views: int = 0


@dataclass
class Forum:
    """A forum; its lists and topics are made for each request."""

    site: WebServer
    topics: dict[int, Topic] = field(default_factory=dict)
    tags_are_objects: bool = False
    has_etags: bool = False
    """Whether topics have ETags, as behind some caches."""

    def __post_init__(self) -> None:
        for path in ("/c/news/14/l/latest.json", "/tag/papers.json", "/tag/papers/l/latest.json"):
            self.site.answers[path] = self._list

    def post(self, topic: Topic) -> None:
        """Post or edit a topic."""
        self.topics[topic.id] = topic
        self.site.answers[f"/t/{topic.id}.json"] = lambda _: self._topic(topic.id)

    def week(self, number: int, start: date) -> Topic:
        """Post a week."""
        topic = Topic(number, title(start), cooked(start), START + timedelta(hours=number))
        self.post(topic)
        return topic

    def chat(self, number: int) -> None:
        """Post something that is no week."""
        at = START + timedelta(hours=number)
        self.post(Topic(number, f"Question {number}", "<p>?</p>", at, tags=("qna",)))

    def read(self, number: int) -> None:
        """Count a reading of a topic: that changes its JSON, and nothing that matters."""
        self.topics[number] = replace(self.topics[number], views=self.topics[number].views + 1)

    def _list(self, asked: ReceivedRequest) -> Page:
        ordered = sorted(self.topics.values(), key=lambda t: (t.is_pinned, t.bumped_at))[::-1]
        if asked.path.startswith("/tag/"):
            ordered = [each for each in ordered if "papers" in each.tags]
        page = int(asked.query.get("page", "0"))
        shown = ordered[page * PER_PAGE : (page + 1) * PER_PAGE]
        listed: dict[str, object] = {"topics": [self._row(each) for each in shown]}
        if len(ordered) > (page + 1) * PER_PAGE:
            base = asked.path.removesuffix(".json")
            base = base if base.endswith("latest") else f"{base}/l/latest"
            listed["more_topics_url"] = f"{base}?page={page + 1}"
        return Page(json.dumps({"topic_list": listed}).encode(), has_etag=False)

    def _row(self, topic: Topic) -> dict[str, object]:
        return {
            "id": topic.id, "title": topic.title, "slug": "x", "pinned": topic.is_pinned,
            "bumped_at": topic.bumped_at.isoformat(), "created_at": topic.bumped_at.isoformat(),
            "tags": self._tags(topic),
        }  # fmt: skip

    def _tags(self, topic: Topic) -> list[object]:
        if not self.tags_are_objects:
            return list(topic.tags)
        return [{"id": 7, "name": tag.upper(), "slug": tag} for tag in topic.tags]

    def _topic(self, number: int) -> Page:
        topic = self.topics[number]
        value = {
            "id": number, "title": topic.title, "slug": "weekly", "views": topic.views,
            "tags": self._tags(topic),
            "post_stream": {"posts": [{"id": 1, "cooked": topic.cooked, "version": 1}]},
        }  # fmt: skip
        return Page(json.dumps(value).encode(), has_etag=self.has_etags)
