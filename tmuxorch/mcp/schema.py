"""JSON Schemas of what tools take and give, made from Structs: one object, closed, without references.

Not every client follows references, so definitions stand where they are used.
"""

from __future__ import annotations

from typing import Any

import msgspec

Schema = dict[str, Any]


def of(shape: type[msgspec.Struct]) -> Schema:
    """The schema of a Struct. Every object in it names all its properties and takes no others."""
    made = msgspec.json.schema(shape)
    definitions = made.get("$defs", {})
    plain = _plain({key: one for key, one in made.items() if key != "$defs"}, definitions)
    plain.pop("description", None)
    return {**plain, "properties": plain.get("properties", {})}


def _plain(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list | tuple):  # a default may be a tuple
        return [_plain(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        named = definitions[node["$ref"].removeprefix("#/$defs/")]
        return _plain({**named, **{key: one for key, one in node.items() if key != "$ref"}}, definitions)
    made = {
        key: {name: _plain(one, definitions) for name, one in value.items()}
        if key == "properties"
        else _plain(value, definitions)
        for key, value in node.items()
        if key != "title"
    }
    if "properties" in made:
        made["additionalProperties"] = False
    if "enum" in made:
        made["type"] = "string"
    return made
