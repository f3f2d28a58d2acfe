"""YAML into a Struct or a mapping, strictly, with errors that name file, line and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any, TypeVar, get_args, get_origin

import msgspec
import yaml

from tmuxorch.errors import ConfigError

EMPTY = "tag:yaml.org,2002:null"

T = TypeVar("T")

CHECK = "correct it, then type: tmuxorch config validate"

FREE = "x-"
"""Keys that begin so are anybody's, at any level. A key without a value is as if it were not there."""


DEPTH = 8
"""How deep lists and mappings may lie in each other where anchors are refused."""


def parse(text: str, kind: type[T], source: str, *, hint: str = CHECK, anchors: bool = True) -> T:
    """`text` as a `kind`; an empty one gives all defaults. Raises ConfigError, with `source` as the file's name and
    `hint` for what has none of its own.

    Without `anchors` they are refused, as is deep nesting: a few lines of them can stand for more than memory holds.
    """
    data: Any = {}
    try:
        if not anchors:
            _check_flat(text, source, hint)
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is not None and root.tag != EMPTY:
            _check_keys(root, kind, source, "", hint)
            data = _without_free(loader.construct_document(root))
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{source}{line}: not valid YAML: {error.problem}", hint=hint) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{source}: not valid YAML: {str(error).splitlines()[0]}", hint=hint) from None
    except RecursionError:
        raise ConfigError(f"{source}: a list or mapping in it holds itself", hint=hint) from None
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        path = _spelt(path.rstrip("`").lstrip("."), data, kind)
        at = _line(root, re.findall(r"[\w-]+", path))
        raise ConfigError(f"{source}, line {at}: {path or 'the whole file'}: {problem}", hint=hint) from None


def line(text: str, where: Sequence[str | int]) -> int:
    """The line of `text`, that `parse` took, to which these keys and indexes lead, or the last of them there is."""
    return _line(yaml.compose(text, Loader=yaml.SafeLoader), [str(step) for step in where])


def _check_flat(text: str, source: str, hint: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        at = f"{source}, line {event.start_mark.line + 1}" if event.start_mark else source
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ConfigError(f"{at}: anchors (&) and aliases (*) are not read here", hint=hint)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise ConfigError(f"{at}: more than {DEPTH} lists and mappings in each other", hint=hint)


def _check_keys(node: yaml.Node, kind: Any, source: str, path: str, hint: str) -> None:
    """Goes down the document and the types together; where they part, `convert` will complain."""
    if isinstance(node, yaml.SequenceNode) and get_origin(kind) is tuple:
        for item in node.value:
            _check_keys(item, get_args(kind)[0], source, f"{path}[]", hint)
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    if not isinstance(node, yaml.MappingNode) or not (is_struct or get_origin(kind) is dict):
        return
    known = {each.name: each.type for each in msgspec.structs.fields(kind)} if is_struct else {}
    seen = set()
    for key_node, value in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        where = f"{path}.{key}".lstrip(".")
        if key in seen:
            raise ConfigError(f"{source}, line {line}: {where} is given twice", hint=hint)
        seen.add(key)
        if not is_struct:
            _check_keys(value, get_args(kind)[1], source, where, hint)
        elif key in known:
            _check_keys(value, known[key], source, where, hint)
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


def _spelt(path: str, data: Any, kind: Any) -> str:
    """`path` with the key that msgspec leaves out, of a mapping at the top: the one that alone is refused as well."""
    before, hidden, after = path.partition("[...]")
    inside = data.get(before) if before else data
    if not hidden or not isinstance(inside, dict):
        return path
    for key, value in inside.items():
        try:
            msgspec.convert({**data, before: {key: value}} if before else {key: value}, kind)
        except msgspec.ValidationError:
            return f"{before}.{key}{after}".lstrip(".")
    return path


def _line(node: yaml.Node | None, steps: list[str]) -> int:
    """The line of the value that `steps` (keys and indexes) lead to, or of the last one that is there."""
    found = node
    for step in steps:
        match node:
            case yaml.MappingNode():
                found, node = next((pair for pair in node.value if pair[0].value == step), (found, None))
            case yaml.SequenceNode():
                found = node = node.value[int(step)]
            case _:
                break
    return found.start_mark.line + 1 if found else 1
