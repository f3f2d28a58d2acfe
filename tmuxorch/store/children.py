"""The children of a configuration: whether they can be used, and editing their list in the file.

Editing keeps every other byte of the file, comments too; what cannot be edited so is refused, not rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import yaml
from msgspec.structs import replace

from tmuxorch.errors import ConfigError, NotFound, Refused
from tmuxorch.store.config import Child, Config, read, render
from tmuxorch.store.paths import CONFIG_NAME, is_text


def check_children(config: Config, project: Path) -> None:
    """Looks at the disk. Raises ConfigError if a child is no git repo of its own that is there; that of a child with an
    endpoint may be on another machine.
    """
    places: dict[str, Path] = {}
    for child in config.children:
        place = child.directory(project)
        if _is_elsewhere(child, place):
            continue
        _check_repo(child, place)
        for other, taken in places.items():
            if taken.samefile(place):
                raise ConfigError(
                    f"the children {other} and {child.name} are the same repo, {place}",
                    hint=f"tmuxorch child rm {child.name}",
                )
            outer, inner = sorted((taken, place), key=lambda path: len(path.parts))
            if inner.is_relative_to(outer):
                raise ConfigError(
                    f"of the children {other} and {child.name}, one lies inside the other: {inner} in {outer}",
                    hint=f"keep one, or move one repo elsewhere: tmuxorch child rm {child.name}",
                )
        places[child.name] = place


def _is_elsewhere(child: Child, place: Path) -> bool:
    return bool(child.endpoint) and Path(child.path).is_absolute() and not place.exists()


def _check_repo(child: Child, place: Path) -> None:
    change = f"give the path of a git repo, or take the child out: tmuxorch child rm {child.name}"
    if child.endpoint:
        change = "give the path of its git repo; if that is on another machine, the whole path"
    if not is_text(str(place)):
        raise ConfigError(f"the path of child {child.name} is not UTF-8: {str(place)!a}", hint=change)
    if not place.exists():
        raise ConfigError(f"the path of child {child.name} is not there: {place}", hint=change)
    if not place.is_dir():
        raise ConfigError(f"the path of child {child.name} is not a directory: {place}", hint=change)
    if _is_repo(place):
        return
    if repo := next(filter(_is_repo, place.parents), None):
        raise ConfigError(
            f"the path of child {child.name} is inside a git repo and not its top: {place}",
            hint=f"a child is a whole repo: give {repo}",
        )
    raise ConfigError(f"the path of child {child.name} is not a git repo: {place}", hint=f"git init {place}")


def _is_repo(place: Path) -> bool:
    """Whether git would take it for the top of a repo or worktree. An empty `.git` is none: Codex's sandbox leaves
    such directories in what it makes writable."""
    git = place / ".git"
    return git.is_file() or (git / "HEAD").is_file()


def add_child(text: str, child: Child, source: str = CONFIG_NAME) -> str:
    """`text` with one more child at the end of its list.

    Raises Refused if there is one of that name or the list is not written as one `- ` entry below the other, and
    ConfigError if the child is not valid.
    """
    config = read(text, source)
    if config.child(child.name):
        raise Refused(f"there is a child named {child.name} already", hint="tmuxorch child ls")
    wanted = replace(config, children=(*config.children, child))
    read(render(wanted), source)
    node = _children_node(text)
    if node is None:
        edited = _whole_lines(text) + "children:\n" + _entry(child, indent=2)
    elif node.value:
        edited = _inserted(text, _end_of_lines(text, node), _entry(child, node.start_mark.column))
    else:  # `children:` or `children: []`
        start, end = node.start_mark.index, node.end_mark.index
        edited = _inserted(
            text[:start] + text[end:], _line_end(text, start) - (end - start), _entry(child, indent=2)
        )
    return _verified(edited, wanted, source)


def remove_child(text: str, name: str, source: str = CONFIG_NAME) -> str:
    """`text` without the lines of the child `name`. Raises NotFound if there is none, Refused as `add_child`."""
    config = read(text, source)
    if not config.child(name):
        raise NotFound(f"there is no child named {name}", hint="tmuxorch child ls")
    node = _children_node(text)
    assert node is not None
    entry = node.value[[child.name for child in config.children].index(name)]
    edited = text[: _line_start(text, entry.start_mark.index)] + text[_end_of_lines(text, entry) :]
    children = tuple(child for child in config.children if child.name != name)
    return _verified(edited, replace(config, children=children), source)


def set_children(text: str, children: Iterable[Child], source: str = CONFIG_NAME) -> str:
    """`text` with exactly these children; entries that are as wanted are left as they are."""
    wanted = {child.name: child for child in children}
    for child in read(text, source).children:
        if wanted.get(child.name) != child:
            text = remove_child(text, child.name, source)
    there = read(text, source)
    for child in wanted.values():
        if not there.child(child.name):
            text = add_child(text, child, source)
    return text


def _verified(edited: str, wanted: Config, source: str) -> str:
    """Editing by places in the text is right for lists as people write them; anything else is found out here."""
    try:
        if read(edited, source) == wanted:
            return edited
    except ConfigError:
        pass
    raise Refused(
        f"{source}: the list of children is not written as one `- ` entry below the other, so it is left as it is",
        hint="edit it by hand; its path: tmuxorch config path",
    )


def _children_node(text: str) -> yaml.Node | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == "children"), None)


def _entry(child: Child, indent: int) -> str:
    block: str = yaml.safe_dump(
        [msgspec.to_builtins(child)], sort_keys=False, allow_unicode=True, width=10_000
    )
    return "".join(" " * indent + line + "\n" for line in block.splitlines())


def _end_of_lines(text: str, node: yaml.Node) -> int:
    """The index after the last line of a node's own text; the end mark of a block is after what comments follow."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    if mark.column == 0 and mark.line > node.start_mark.line:  # of text in a `|` block
        return mark.index
    return _line_end(text, mark.index)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """The index after the line break that comes next."""
    return text.find("\n", index) + 1 or len(text)


def _inserted(text: str, index: int, lines: str) -> str:
    return _whole_lines(text[:index]) + lines + text[index:]


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"
