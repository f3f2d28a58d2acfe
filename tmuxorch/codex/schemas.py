"""JSON schemas for structured answers, in the form that OpenAI's strict mode accepts.

Its rules: the root is an object; every object names all its properties as required and allows no others; no
default values; only the keywords of `ALLOWED`. What may be missing is said by allowing null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tmuxorch.errors import Bug

Schema = dict[str, Any]

ALLOWED = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf"),
    *("$ref", "$defs", "title", "description", "pattern", "format"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
}

_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def of(type_: Any) -> Schema:
    """The strict schema of a msgspec type whose root is a Struct."""
    return strict(msgspec.json.schema(type_))


def strict(schema: Schema) -> Schema:
    """`schema` (as msgspec writes it) in strict form: a new value; its root made an object if it is a
    reference.

    Bug when it has an object with arbitrary keys (a dict), which strict mode cannot express.
    """
    closed: Schema = _closed(schema)
    definitions = closed.get("$defs", {})
    if (reference := closed.pop("$ref", None)) is not None:
        closed = {**definitions[reference.removeprefix("#/$defs/")], **closed}
    return closed


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: {name: _closed(part) for name, part in value.items()}
        if key in ("properties", "$defs")
        else value
        if key in ("enum", "const")
        else _closed(value)
        for key, value in node.items()
        if key not in ("default", "discriminator")
    }
    if values := made.get("enum", [made["const"]] if "const" in made else None):
        made.setdefault("type", _JSON_TYPES[type(values[0])])
    if made.get("type") == "object":
        if isinstance(made.get("additionalProperties"), dict):
            raise Bug("a schema for a structured answer has an object with arbitrary keys")
        made["properties"] = made.get("properties", {})
        made["required"] = list(made["properties"])
        made["additionalProperties"] = False
    return made


def check_strict(schema: Schema) -> list[str]:
    """What in `schema` strict mode would refuse, each with its place; empty when it is fine."""
    found = [] if schema.get("type") == "object" else ["$: the root is no object"]
    return [*found, *_violations(schema, "$")]


def _violations(node: Schema, at: str) -> Iterator[str]:
    for key in node.keys() - ALLOWED:
        yield f"{at}: {key} is not allowed"
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            yield f"{at}: additionalProperties is not false"
        if set(node.get("required", ())) != set(node.get("properties", {})):
            yield f"{at}: required does not name exactly the properties"
    elif not node.keys() & {"type", "$ref", "anyOf"}:
        yield f"{at}: no type"
    if node.get("type") == "array" and "items" not in node:
        yield f"{at}: an array without items"
    for group in ("properties", "$defs"):
        for name, part in node.get(group, {}).items():
            yield from _violations(part, f"{at}.{name}")
    for number, part in enumerate(node.get("anyOf", ())):
        yield from _violations(part, f"{at}|{number}")
    if isinstance(node.get("items"), dict):
        yield from _violations(node["items"], f"{at}[]")
