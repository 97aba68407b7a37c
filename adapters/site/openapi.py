"""The description of the interface for programs, as OpenAPI 3.1 (pure)."""

from typing import Any

JsonObject = dict[str, Any]

_TEXT: JsonObject = {"type": "string"}
_DAY: JsonObject = {"type": "string", "format": "date"}
_ADDRESS: JsonObject = {"type": "string", "format": "uri"}
_LOCALIZED: JsonObject = {
    "type": "object",
    "description": "A text by language, `ko` or `en`; a language without the text is absent.",
    "additionalProperties": _TEXT,
}


def _list_of(item: JsonObject) -> JsonObject:
    return {"type": "array", "items": item}


def _object(**properties: JsonObject) -> JsonObject:
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _reference(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


_RECORD = _object(
    title=_TEXT, abstract=_TEXT, authors=_list_of(_TEXT), published=_TEXT, updated=_TEXT,
    categories=_list_of(_TEXT), doi=_TEXT, journal=_TEXT,
)  # fmt: skip

_MACHINE_TEXTS = _list_of(
    _object(field=_TEXT, language=_TEXT, text=_TEXT, model=_TEXT, made_on=_DAY)
) | {
    "description": "Texts that a language model made where no source has one, with the model and "
    "the day; checked by machine, and possibly wrong."
}

_RETRACTION = {
    "oneOf": [{"type": "null"}, _object(reason=_TEXT, on=_DAY)],
    "description": "Why curators retracted it, and since when; null for what stands.",
}

_PAPER = _object(
    key={"type": "string", "description": "Such as `arxiv:2310.01889`."},
    aliases=_list_of(_TEXT),
    titles=_LOCALIZED,
    nickname=_TEXT,
    summaries=_LOCALIZED,
    abstracts=_LOCALIZED,
    machine_texts=_MACHINE_TEXTS,
    retraction=_RETRACTION,
    tags=_list_of(_TEXT),
    inferred_tags=_list_of(_TEXT),
    links=_list_of(_object(kind=_TEXT, label=_TEXT, url=_ADDRESS)),
    best_link=_TEXT,
    appearances=_list_of(_object(series=_TEXT, week=_TEXT, position={"type": "integer"})),
    record={"oneOf": [{"type": "null"}, _RECORD]},
    url=_ADDRESS,
)

_WEEK = _object(
    series=_TEXT,
    week={"type": "string", "description": "An ISO week, such as `2023-W41`."},
    start=_DAY,
    end=_DAY,
    titles=_LOCALIZED,
    source_url=_TEXT,
    machine_made={"type": "boolean"},
    retraction=_RETRACTION,
    url=_ADDRESS,
)

_WHOLE_WEEK = {
    "allOf": [
        _reference("Week"),
        _object(
            introductions=_LOCALIZED,
            machine_texts=_MACHINE_TEXTS,
            papers=_list_of(
                {"allOf": [_object(position={"type": "integer"}), _reference("Paper")]}
            ),
        ),
    ]
}

_TAG = _object(tag=_TEXT, papers={"type": "integer"}, names=_LOCALIZED, url=_ADDRESS)


def describe_interface(public_url: str) -> JsonObject:
    """Return the description of every address below `api/v1/`."""
    papers = _list_of(_reference("Paper"))
    weeks = _object(weeks=_list_of(_WEEK_REF), next=_NEXT)
    total = {"type": "integer"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Paperboy", "version": "1"},
        "servers": [{"url": f"{public_url}api/v1"}],
        "paths": {
            "/weeks.json": _get("The newest thousand weeks, newest first", weeks),
            "/weeks/page/{page}.json": _get("A thousand weeks before them", weeks, ("page",)),
            "/weeks/{series}/{week}.json": _get(
                "A week with its papers", _reference("WholeWeek"), ("series", "week")
            ),
            "/papers/{kind}/{rest}.json": _get(
                "A paper, by its key `kind:rest`", _reference("Paper"), ("kind", "rest")
            ),
            "/tags.json": _get("Every tag", _object(tags=_list_of(_reference("Tag")))),
            "/tags/{tag}.json": _get(
                "The papers with a tag, newest first",
                _object(total=total, papers=papers), ("tag",), ("page",),
            ),
            "/search.json": _get(
                "Papers by name, and by the words of their texts",
                _object(named=papers, total=total, papers=papers), (), ("q", "page"),
            ),
        },
        "components": {
            "schemas": {"Paper": _PAPER, "Week": _WEEK, "WholeWeek": _WHOLE_WEEK, "Tag": _TAG}
        },
    }  # fmt: skip


_WEEK_REF = _reference("Week")
_NEXT: JsonObject = _TEXT | {"description": "Where older weeks are; empty where there are none."}


def _get(
    summary: str, schema: JsonObject, path: tuple[str, ...] = (), query: tuple[str, ...] = ()
) -> JsonObject:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _TEXT} for name in path
    ] + [{"name": name, "in": "query", "required": False, "schema": _TEXT} for name in query]
    answer = {"description": summary, "content": {"application/json": {"schema": schema}}}
    responses: JsonObject = {"200": answer}
    if path or query:
        responses["404"] = {"description": "There is none."}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}
