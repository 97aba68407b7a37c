"""An endpoint with OpenAI's API on a real socket: it translates faithfully, or as it is told."""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
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
    texts: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Mapping[str, Any]


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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told, text = (message["content"] for message in body["messages"])
                asked = Asked(told, json.loads(text), dict(self.headers), body)
                endpoint.asked.append(asked)
                endpoint.held.wait()
                response = endpoint.responses.popleft() if endpoint.responses else faithful
                said = response(asked) if callable(response) else response
                sent = (said.body or _completion(said.content, body)).encode()
                self.send_response(said.status)
                for name, value in {**said.headers, "Content-Length": str(len(sent))}.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def faithful(asked: Asked) -> Said:
    """Return translations of all texts that keep all that can be checked."""
    language = "en" if "to English" in asked.instructions else "ko"
    texts = {
        name: translate(text, language, is_title=name == "title")
        for name, text in asked.texts.items()
        if name not in {"translation", "faults"}
    }
    return Said(json.dumps(texts, ensure_ascii=False))


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
    about = "".join(f"{piece}, " for piece in kept)
    said = f"{about}옮긴 제목" if is_title else f"{about}이 글의 내용을 한국어로 옮겼습니다."
    while not is_title and len(said) < _SHARE * len(text):
        said += " 이어지는 내용도 우리말로 그대로 옮겼습니다."
    return said


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
