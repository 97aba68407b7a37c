"""An endpoint with OpenAI's API on a real socket: it translates faithfully, or as it is told."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.names import count_quotations, find_names, find_verbatim
from bot.enrichment.translation.numbers import find_numbers
from config import terms

_GLOSSARY = Glossary.of(terms.load())
_SHARE = 0.45
"""Length of a Korean text, as a share of its English one."""

_LONGER = 1.6
"""Length of an English text, as a multiple of its Korean one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    instructions: str
    texts: Any
    """The user's message as JSON: texts by name, or the papers of a week."""
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def is_introduction(self) -> bool:
        """Return whether an introduction is to be written."""
        return "You write the introduction" in self.instructions


@dataclass(frozen=True, slots=True)
class Said:
    """A response that is given once, in place of a faithful translation."""

    content: str = ""
    """The text of the completion; where it is empty, `body` is the whole response."""
    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Response = Said | Callable[[Asked], Said]


class ModelServer:
    """The endpoint; use it as a context."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.responses: deque[Response] = deque()
        """What the next requests get."""
        self.held = threading.Event()
        """While it is cleared, requests wait for their responses."""
        self.held.set()
        self.most_open = 0
        """How many requests were open at once, at most."""
        self._open, self._lock = 0, threading.Lock()
        self.drips = 0.0
        """Seconds between two bytes of a response; 0 to send it at once."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.held.set()
        self._server.shutdown()
        self._server.server_close()

    def count_open(self, change: int) -> None:
        """Count a request that came, or that was responded to."""
        with self._lock:
            self._open += change
            self.most_open = max(self.most_open, self._open)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                endpoint.count_open(1)
                try:
                    self._respond()
                finally:
                    endpoint.count_open(-1)

            def _respond(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told, text = (message["content"] for message in body["messages"])
                asked = Asked(told, json.loads(text), dict(self.headers), body)
                endpoint.asked.append(asked)
                endpoint.held.wait()
                response = endpoint.responses.popleft() if endpoint.responses else faithful
                said = response(asked) if callable(response) else response
                sent = (said.body or _completion(said.content, body)).encode()
                headers = {
                    "Content-Type": "application/json",
                    **said.headers,
                    "Content-Length": str(len(sent)),
                }
                self.send_response(said.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                # A client that left, or was killed, takes nothing any more.
                with suppress(ConnectionError):
                    self._write(sent)

            def _write(self, sent: bytes) -> None:
                if not endpoint.drips:
                    self.wfile.write(sent)
                    return
                for number in range(len(sent)):
                    self.wfile.write(sent[number : number + 1])
                    time.sleep(endpoint.drips)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def faithful(asked: Asked) -> Said:
    """Return translations, or an introduction, that keep all that can be checked."""
    language = "en" if "to English" in asked.instructions else "ko"
    if asked.is_introduction:
        return Said(json.dumps(introduction(asked), ensure_ascii=False))
    texts = {
        name: translate(text, language, is_title=name == "title")
        for name, text in asked.texts.items()
        if name not in {"translation", "faults"}
    }
    return Said(json.dumps(texts, ensure_ascii=False))


def introduction(asked: Asked) -> Mapping[str, str]:
    """Return three paragraphs that name every paper and say nothing else."""
    papers = asked.texts.get("papers", ()) if isinstance(asked.texts, dict) else asked.texts
    names = [paper["name"] for paper in papers]
    third = -(-len(names) // 3)
    paragraphs = (names[:third], names[third : 2 * third], names[2 * third :])
    if "papers in Korean" in asked.instructions:
        said = "이 주제로는 다음 논문들이 이번 주 목록에 함께 들어 있습니다"
        told = [f"{said}: {', '.join(each) or '없습니다'}. {said}." for each in paragraphs]
    else:
        said = "This theme is shared by papers of the list of this week, which are these"
        told = [f"{said}: {', '.join(each) or 'none'}. {said}." for each in paragraphs]
    return dict(zip(("first", "second", "third"), told, strict=True))


def translate(text: str, language: str, *, is_title: bool = False) -> str:
    """Return a text of the other language with the names, numbers and signs of this one."""
    pieces = [*find_verbatim(text), *find_names(text), *(n.text for n in find_numbers(text))]
    kept = list(dict.fromkeys(pieces))
    if language == "en":
        said = f"A translation about {', '.join(kept) or 'a paper'}"
        while len(said) < _LONGER * len(text):
            said += " and what it tells"
        return said if is_title else f"{said}."
    kept += _GLOSSARY.terms_in(text).values()
    kept += ["“인용”"] * count_quotations(text, any_marks=False)
    if is_title:
        # A title that is a name stays; others are about as long as their source.
        rest = " 우리말 제목" * max(1, len(text) // 20)
        return text if " " not in text else ", ".join(kept) + rest
    # A sentence after the last name or number would be one that the source has not.
    end = f"{', '.join(kept) or '이 글'} 등의 내용을 우리말로 옮겼습니다."
    said = "이 문단도 우리말로 그대로 옮겼습니다.\n\n" * text.count("\n\n")
    while len(said) + len(end) < _SHARE * len(text):
        said += "이어지는 내용도 우리말로 그대로 옮겼습니다. "
    return said + end


def _completion(content: str, body: Mapping[str, Any]) -> str:
    return json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                }
            ],
            "usage": {
                "prompt_tokens": len(json.dumps(body, ensure_ascii=False)) // 4,
                "completion_tokens": len(content) // 2,
                "total_tokens": 0,
            },
        }
    )
