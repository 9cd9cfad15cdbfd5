"""From what a model wrote to a filled-in form: thoughts, fences and prose around JSON are passed over, slips mended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hakase.models.sending import FormShape

Form = TypeVar("Form", bound=BaseModel)

_THOUGHTS = re.compile(r"<(think|thinking|reasoning|thought)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_UNCLOSED = re.compile(r"^.*?</(think|thinking|reasoning|thought)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_QUOTED = 4
_REPAIRED = 4
_LONGEST = 8000
"""Pieces of broken JSON that are mended, and characters of each: mending takes time by the square of the length."""
_TRIED = 200
"""Opening braces at which an object is looked for."""


class Unreadable(Exception):
    """No form could be read; the message says what is wrong, for the model."""


def without_thoughts(text: str) -> str:
    """``text`` without the blocks in which some models think aloud."""
    text = _THOUGHTS.sub("", text)
    return _UNCLOSED.sub("", text).strip()


def read_form(text: str, kind: type[Form], strict: bool = False) -> Form:
    """The form that ``text`` holds. ``strict`` takes only whole, valid JSON.

    Raises:
        Unreadable: there is no JSON, or not with these fields.
    """
    try:
        return _first_form(_values(without_thoughts(text) or text, strict), kind)  # some answer in their thoughts
    except RecursionError:
        raise Unreadable(f"the JSON is nested too deep. {expected_keys(kind)}") from None


def _first_form(values: Iterable[Any], kind: type[Form]) -> Form:
    problem = ""
    for value in values:
        for shaped in _shapes(value, kind):
            try:
                form = kind.model_validate(shaped)
            except ValidationError as error:
                problem = problem or _problems(error)
                continue
            if form.model_fields_set:  # one made of defaults alone was not filled in
                return form
            problem = problem or "the JSON object has none of the keys"
    raise Unreadable(f"{problem or 'no JSON object was found'}. {expected_keys(kind)}")


def expected_keys(kind: type[BaseModel]) -> str:
    """The keys of a form, in a sentence."""
    return "Expected one JSON object with the keys " + ", ".join(f'"{name}"' for name in _names(kind)) + "."


def shape_of(kind: type[BaseModel]) -> FormShape:
    """The form as servers want it; in words, its fields or its schema, whichever is shorter."""
    schema = kind.model_json_schema(by_alias=True)
    lines = "\n".join(_field_lines(schema, schema))
    whole = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    listing = lines if len(lines) <= len(whole) else whole
    return FormShape(
        kind.__name__,
        schema,
        f"Answer with one JSON object and nothing else. Its fields:\n{listing}",
    )


# ------------------------------------------------------------------------------------------------- finding JSON


def _values(text: str, strict: bool) -> Iterator[Any]:
    """JSON values in ``text``, the likeliest first."""
    try:
        yield json.loads(text, strict=False)
        return
    except ValueError:
        if strict:
            return
    from json_repair import repair_json

    yield from map(json.JSONDecoder(strict=False).decode, sorted(_whole_objects(text), key=len, reverse=True))
    for piece in islice(_pieces(text), _REPAIRED):
        value = repair_json(piece[:_LONGEST], return_objects=True)
        if isinstance(value, dict | list) and value:
            yield value


def _pieces(text: str) -> Iterator[str]:
    for match in _FENCE.finditer(text):
        if re.search(r"[{\[]", match[1]):
            yield match[1]
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if start >= 0:
            yield text[start : end + 1] if end > start else text[start:]


def _whole_objects(text: str) -> Iterator[str]:
    """The outermost valid JSON objects; braces in prose around them do not matter."""
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{")
    for _ in range(_TRIED):
        if at < 0:
            return
        try:
            _, end = decoder.raw_decode(text, at)
            yield text[at:end]
        except ValueError:
            end = at + 1
        at = text.find("{", end)


def _shapes(value: Any, kind: type[BaseModel]) -> Iterator[Any]:
    """``value`` with its keys spelled as the form spells them, and what else it may have been meant as."""
    if isinstance(value, list):
        if field := _only_list(kind):
            yield {field: value}
        dicts = [item for item in value if isinstance(item, dict)]
        if len(dicts) == 1 or (dicts and not _only_list(kind)):
            yield from _shapes(dicts[0], kind)
        return
    if not isinstance(value, dict):
        return
    renamed = _respell(value, _names(kind))
    yield {**value, **renamed}
    yield renamed
    if len(value) == 1 and not renamed:  # {"answer": {…}}
        yield from _shapes(next(iter(value.values())), kind)


def _respell(value: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What ``value`` has of ``names``, also where it spells ``main_idea`` as ``Main Idea``; the exact spelling wins."""
    plain = {plain_key(name): name for name in names}
    found = {plain[plain_key(key)]: item for key, item in value.items() if plain_key(key) in plain}
    return {**found, **{name: value[name] for name in plain.values() if name in value}}


def plain_key(name: str) -> str:
    """A key without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _only_list(kind: type[BaseModel]) -> str:
    lists = [
        _name(name, field)
        for name, field in kind.model_fields.items()
        if get_origin(field.annotation) in (list, tuple, set, frozenset)
    ]
    return lists[0] if len(lists) == 1 else ""


def _names(kind: type[BaseModel]) -> tuple[str, ...]:
    return tuple(_name(name, field) for name, field in kind.model_fields.items())


def _name(name: str, field: FieldInfo) -> str:
    return field.validation_alias if isinstance(field.validation_alias, str) else field.alias or name


def _problems(error: ValidationError) -> str:
    """The first problems, each as ``field: what is wrong``."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    told = [f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in errors[:_QUOTED]]
    more = f"; and {len(errors) - _QUOTED} more" if len(errors) > _QUOTED else ""
    return f"{'; '.join(told)}{more}"


# --------------------------------------------------------------------------------------------- fields in words


def _field_lines(schema: dict[str, Any], root: dict[str, Any], indent: str = "") -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        kind, inner = _kind(field, root)
        text = field.get("description", "")
        optional = "" if name in schema.get("required", ()) else ", may be left out"
        yield f'{indent}- "{name}" ({kind}{optional})' + (f": {' '.join(text.split())}" if text else "")
        if inner is not None:
            yield from _field_lines(inner, root, indent + "  ")


def _kind(field: dict[str, Any], root: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """A field's type in words, and the schema of the objects in it."""
    if "$ref" in field:
        field = {**root.get("$defs", {}).get(field["$ref"].split("/")[-1], {})}
    if "allOf" in field and len(field["allOf"]) == 1:
        return _kind(field["allOf"][0], root)
    if "anyOf" in field:
        options = [_kind(option, root) for option in field["anyOf"]]
        return " or ".join(dict.fromkeys(text for text, _ in options)), next(
            (inner for _, inner in options if inner), None
        )
    if "enum" in field or "const" in field:
        values = field.get("enum", [field.get("const")])
        return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in values), None
    if field.get("type") == "array":
        text, inner = _kind(field.get("items", {}), root)
        return f"list of {text}", inner
    if field.get("type") == "object" and field.get("properties"):
        return "object", field
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}
    return words.get(str(field.get("type", "")), str(field.get("type") or "anything")), None
