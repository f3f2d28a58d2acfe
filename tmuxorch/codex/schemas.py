"""JSON schemas for structured answers, in the form that OpenAI's strict mode accepts.

Its rules: the root is an object and no union; every object names all its properties as required and allows no
others; no default values; only the keywords of `ALLOWED`; references only to definitions of its own, with nothing
beside them; and limits of size. What may be missing is said by allowing null.
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

DEPTH, PROPERTIES, ENUM_VALUES, NAMES = 10, 5_000, 1_000, 120_000
"""At most: objects within objects, properties, values of enums, characters of all names and values. (OpenAI's guide to
structured outputs, "Supported schemas".)"""

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
    try:
        return list(_violations(schema, "$")) or [*_root(schema), *_references(schema), *_sizes(schema)]
    except (AttributeError, TypeError, ValueError, RecursionError):
        return ["$: it is no JSON schema"]


def _root(schema: Schema) -> Iterator[str]:
    if schema.get("type") != "object":
        yield "$: the root is no object"
    if "anyOf" in schema:
        yield "$: the root is a union"


def _violations(node: Schema, at: str) -> Iterator[str]:
    for key in node.keys() - ALLOWED:
        yield f"{at}: {key} is not allowed"
    if "$ref" in node and len(node) > 1:
        yield f"{at}: beside $ref there is something else"
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            yield f"{at}: additionalProperties is not false"
        if set(node.get("required", ())) != set(node.get("properties", {})):
            yield f"{at}: required does not name exactly the properties"
    elif not node.keys() & {"type", "$ref", "anyOf"}:
        yield f"{at}: no type"
    if node.get("type") == "array" and "items" not in node:
        yield f"{at}: an array without items"
    for name, part in _parts(node):
        yield from _violations(part, f"{at}{name}")


def _parts(node: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas in a schema, each with its step from there."""
    for group in ("properties", "$defs"):
        yield from ((f".{name}", part) for name, part in node.get(group, {}).items())
    yield from ((f"|{number}", part) for number, part in enumerate(node.get("anyOf", ())))
    if isinstance(node.get("items"), dict):
        yield "[]", node["items"]


def _all(node: Schema) -> Iterator[Schema]:
    yield node
    for _, part in _parts(node):
        yield from _all(part)


def _references(schema: Schema) -> Iterator[str]:
    known = {f"#/$defs/{name}" for name in schema.get("$defs", {})} | {"#"}
    for node in _all(schema):
        if "$ref" in node and node["$ref"] not in known:
            yield f"$: {node['$ref']} is not defined"


def _sizes(schema: Schema) -> Iterator[str]:
    nodes = list(_all(schema))
    names = [name for node in nodes for group in ("properties", "$defs") for name in node.get(group, {})]
    values = [value for node in nodes for value in (*node.get("enum", ()), *_const(node))]
    properties = sum(len(node.get("properties", {})) for node in nodes)
    measured = (
        ("objects within objects", _depth(schema, schema.get("$defs", {}), {}), DEPTH),
        ("properties", properties, PROPERTIES),
        ("values of enums", len(values), ENUM_VALUES),
        ("characters of names and values", sum(map(len, map(str, [*names, *values]))), NAMES),
    )
    for what, size, limit in measured:
        if size > limit:
            yield f"$: {size} {what}, {limit} are allowed"


def _const(node: Schema) -> list[Any]:
    return [node["const"]] if "const" in node else []


def _depth(node: Schema, definitions: Schema, known: dict[str, int]) -> int:
    """How many objects lie within each other; what lies within itself counts once. `known` are definitions' depths."""
    name = node.get("$ref", "").removeprefix("#/$defs/")
    if name in definitions:
        if name not in known:
            known[name] = 0
            known[name] = _depth(definitions[name], definitions, known)
        return known[name]
    inner = [part for _, part in _parts({**node, "$defs": {}})]
    return (node.get("type") == "object") + max((_depth(one, definitions, known) for one in inner), default=0)
