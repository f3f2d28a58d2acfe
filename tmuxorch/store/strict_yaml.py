"""YAML into a Struct, strictly, with errors that name file, line and key."""

from __future__ import annotations

import difflib
import re
from typing import Any, TypeVar, get_args, get_origin

import msgspec
import yaml

from tmuxorch.errors import ConfigError

EMPTY = "tag:yaml.org,2002:null"

T = TypeVar("T", bound=msgspec.Struct)

CHECK = "correct it, then type: tmuxorch config validate"

FREE = "x-"
"""Keys that begin so are anybody's, at any level. A key without a value is as if it were not there."""


def parse(text: str, kind: type[T], source: str) -> T:
    """`text` as a `kind`; an empty one gives all defaults. Raises ConfigError, with `source` as the file's name."""
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None or root.tag == EMPTY:
            return kind()
        _check_keys(root, kind, source, "")
        data = _without_free(loader.construct_document(root))
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{source}{line}: not valid YAML: {error.problem}", hint=CHECK) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{source}: not valid YAML: {str(error).splitlines()[0]}", hint=CHECK) from None
    except RecursionError:
        raise ConfigError(f"{source}: a list or mapping in it holds itself", hint=CHECK) from None
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        place = path.rstrip("`").lstrip(".") or "the whole file"
        at = _line(root, re.findall(r"\w+", path))
        raise ConfigError(f"{source}, line {at}: {place}: {problem}", hint=CHECK) from None


def _check_keys(node: yaml.Node, kind: Any, source: str, path: str) -> None:
    """Goes down the document and the types together; where they part, `convert` will complain."""
    if isinstance(node, yaml.SequenceNode) and get_origin(kind) is tuple:
        for item in node.value:
            _check_keys(item, get_args(kind)[0], source, f"{path}[]")
    if not isinstance(node, yaml.MappingNode) or not (
        isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ):
        return
    known = {each.name: each.type for each in msgspec.structs.fields(kind)}
    seen = set()
    for key_node, value in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        where = f"{path}.{key}".lstrip(".")
        if key in seen:
            raise ConfigError(f"{source}, line {line}: {where} is given twice", hint=CHECK)
        seen.add(key)
        if key in known:
            _check_keys(value, known[key], source, where)
        elif not key.startswith(FREE) and key != "<<":
            nearest = difflib.get_close_matches(key, known, n=1, cutoff=0)[0]
            raise ConfigError(
                f"{source}, line {line}: unknown key {where}; the nearest known key is {nearest}",
                hint=f"keys known here: {', '.join(known)} (any that begins with {FREE} is yours)",
            )


def _without_free(data: Any) -> Any:
    match data:
        case dict():
            return {
                key: _without_free(value)
                for key, value in data.items()
                if value is not None and not str(key).startswith(FREE)
            }
        case list():
            return [_without_free(item) for item in data]
        case _:
            return data


def _line(node: yaml.Node, steps: list[str]) -> int:
    """The line of the value that `steps` (keys and indexes) lead to, or of the last one that is there."""
    for step in steps:
        match node:
            case yaml.MappingNode():
                inside = next((value for key, value in node.value if key.value == step), None)
            case yaml.SequenceNode():
                inside = node.value[int(step)]
            case _:
                inside = None
        if inside is None:
            break
        node = inside
    line: int = node.start_mark.line + 1
    return line
