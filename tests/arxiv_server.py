"""ArXiv and Hugging Face on a real socket: they know some papers, remember, and fail as told."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

RATE_EXCEEDED = b"Rate exceeded."


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A paper as arXiv holds it."""

    number: str
    """Its id, an old one without the subject class."""
    title: str = "Ring Attention with Blockwise Transformers\n  for Near-Infinite Context"
    abstract: str = "  Transformers are limited\nby memory.\n  Blocks travel around a ring."
    authors: Sequence[str] = ("Hao Liu", "Matei Zaharia", "Pieter Abbeel")
    published: str = "2023-10-03T08:44:50Z"
    updated: str = "2023-11-27T06:38:01Z"
    categories: Sequence[str] = ("cs.CL",)
    doi: str = ""
    journal: str = ""
    comment: str = ""
    version: int = 4
    has_pdf: bool = True


def entry(paper: KnownPaper) -> str:
    """Return the paper as an entry of a feed."""
    address = f"http://arxiv.org/abs/{paper.number}v{paper.version}"
    authors = "".join(f"<author><name>{escape(n)}</name></author>" for n in paper.authors)
    more = "".join(
        f'<arxiv:{name} xmlns:arxiv="http://arxiv.org/schemas/atom">{escape(text)}</arxiv:{name}>'
        for name, text in (
            ("doi", paper.doi),
            ("comment", paper.comment),
            ("journal_ref", paper.journal),
        )
        if text
    )
    terms = "".join(
        f'<category term={quoteattr(term)} scheme="http://arxiv.org/schemas/atom"/>'
        for term in paper.categories
    )
    first = (
        '<arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" '
        f"term={quoteattr(paper.categories[0])}/>"
        if paper.categories
        else ""
    )
    pdf = (
        f'<link title="pdf" href="{address.replace("abs", "pdf")}" rel="related" '
        'type="application/pdf"/>'
        if paper.has_pdf
        else ""
    )
    return (
        f"<entry><id>{address}</id><updated>{paper.updated}</updated>"
        f"<published>{paper.published}</published><title>{escape(paper.title)}</title>"
        f"<summary>{escape(paper.abstract)}</summary>{authors}{more}"
        f'<link href="{address}" rel="alternate" type="text/html"/>{pdf}{first}{terms}</entry>'
    )


def feed(*entries: str) -> bytes:
    """Return a feed of these entries."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        '<link href="http://arxiv.org/api/query?id_list=" rel="self" type="application/atom+xml"/>'
        '<title type="html">ArXiv Query</title><id>http://arxiv.org/api/cHxbiOdZaP56ODnBP</id>'
        '<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"{len(entries)}</opensearch:totalResults>{''.join(entries)}</feed>\n"
    ).encode()


def error(number: str) -> str:
    """Return the entry by which arXiv says that an id is none."""
    return (
        f"<entry><id>http://arxiv.org/api/errors#incorrect_id_format_for_{number}</id>"
        f"<title>Error</title><summary>incorrect id format for {number}</summary>"
        "<updated>2023-10-09T00:00:00-04:00</updated><author><name>arXiv api core</name></author>"
        "</entry>"
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is answered instead."""

    status: int = 200
    body: bytes = b""
    retry_after: str = ""


@dataclass
class MetadataServices:
    """What both know, and what they were asked."""

    papers: dict[str, KnownPaper] = field(default_factory=dict)
    """By the ids of arXiv's own."""
    malformed: frozenset[str] = frozenset()
    """Ids at which arXiv finds a whole question wrong."""
    repositories: Mapping[str, object] = field(default_factory=dict)
    """What Hugging Face says as `githubRepo`; it does not know other papers."""
    faults: list[Fault] = field(default_factory=list)
    """The next answers."""
    asked: list[tuple[str, ...]] = field(default_factory=list)
    """The ids of each question to arXiv."""
    repository_requests: list[str] = field(default_factory=list)
    """The ids that Hugging Face was asked for."""
    times: list[float] = field(default_factory=list)
    """When arXiv was asked, in seconds of the stopwatch."""
    connections: set[object] = field(default_factory=set)
    """The ends of the connections over which arXiv was asked."""
    silent: bool = False
    """Whether clients are kept waiting."""
    agents: set[str] = field(default_factory=set)
    url: str = ""

    @property
    def arxiv(self) -> str:
        """Return the address of arXiv's API."""
        return f"{self.url}/api/query"

    @property
    def hugging_face(self) -> str:
        """Return the address of Hugging Face's API."""
        return f"{self.url}/api/papers"

    def hold(self, *papers: KnownPaper) -> None:
        """Let arXiv know these papers."""
        self.papers |= {paper.number: paper for paper in papers}

    def query(self, asked: str) -> Fault:
        """Answer as arXiv does: `max_results` of what is known, or an error for everything."""
        fields = parse_qs(asked)
        numbers = tuple(fields["id_list"][0].split(","))
        self.asked.append(numbers)
        self.times.append(time.monotonic())
        wrong = [number for number in numbers if number in self.malformed]
        if wrong:
            return Fault(400, feed(error(wrong[0])))
        known = [self.papers[number] for number in numbers if number in self.papers]
        # As with the real one, what is not said is ten.
        limit = int(fields.get("max_results", ["10"])[0])
        return Fault(200, feed(*map(entry, known[:limit])))

    def paper(self, number: str) -> Fault:
        """Answer as Hugging Face does."""
        self.repository_requests.append(number)
        if number not in self.repositories:
            return Fault(404, b'{"error":"Paper not found"}')
        return Fault(
            200, json.dumps({"id": number, "githubRepo": self.repositories[number]}).encode()
        )


@contextmanager
def serve(services: MetadataServices) -> Iterator[MetadataServices]:
    """Serve on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            services.agents.add(self.headers.get("User-Agent", ""))
            if parts.path == "/api/query":
                services.connections.add(self.client_address)
                answer = services.query(parts.query)
            else:
                answer = services.paper(unquote(parts.path.removeprefix("/api/papers/")))
            while services.silent:
                time.sleep(0.02)
            if services.faults:
                answer = services.faults.pop(0)
            self.send_response(answer.status)
            if answer.retry_after:
                self.send_header("Retry-After", answer.retry_after)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Let the client hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    services.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
