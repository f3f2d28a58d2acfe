"""The configuration: strict, and its errors say where and what instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.errors import ConfigError
from tmuxorch.store.config import Child, Config, Gates, Limits, Notify, load, read, render

WHOLE = """\
children:
  - name: backend
    path: ../backend
    role: API and data
    docs: [README.md]
    tests: [pytest -q]
    build: [make]
    endpoint: ws://127.0.0.1:4500
    token_env: TOKEN
    access: write
    commit_policy: none
    release_policy: none
    human_checkpoints: [Before a release]
    hints: Begin with the API
    x-team: ours
codex: {bin: /opt/codex, home: /h, model: m}
tmux: {socket_name: s, session: n}
limits: {turns: 1, exec_workers: 2, attempts: 1, plan_repairs: 0}
workers: {allow_full: true}
gates: {plan: auto, dirty: worktree}
isolation: worktree
commit: item
windows: {views: [overview], keep_finished: 0}
timeouts: {check: 2, read: 3}
notify: {command: [notify-send, hello], bell: false}
lead: {wake: false, quiet: 0}
x-anything: {goes: [here]}
"""


def test_every_key_is_read() -> None:
    config = read(WHOLE, "f")
    defaults = Config()
    for section in Config.__struct_fields__:
        assert getattr(config, section) != getattr(defaults, section), section
    assert config.children[0] == Child(
        name="backend",
        path="../backend",
        role="API and data",
        docs=("README.md",),
        tests=("pytest -q",),
        build=("make",),
        endpoint="ws://127.0.0.1:4500",
        token_env="TOKEN",
        access="write",
        commit_policy="none",
        release_policy="none",
        human_checkpoints=("Before a release",),
        hints="Begin with the API",
    )
    assert config.notify == Notify(command=("notify-send", "hello"), bell=False)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}", "limits:\n", "children:\n", "x-a: 1\n"])
def test_everything_may_be_left_out(text: str) -> None:
    assert read(text, "f") == Config()


@pytest.mark.parametrize(
    "config", [Config(), read(WHOLE, "f"), Config(children=(Child(name="é"[:0] or "a", path="#{}: é"),))]
)
def test_rendered_it_is_the_same(config: Config) -> None:
    assert read(render(config), "f") == config


def test_a_part_of_a_section_leaves_the_rest_at_its_defaults() -> None:
    assert read("limits:\n  turns: 5\n", "f").limits == Limits(turns=5)
    assert read("gates:\n  plan: auto", "f").gates == Gates(plan="auto")


def test_an_anchor_under_a_free_key_can_be_merged() -> None:
    text = "x-common: &c {role: r, hints: h}\nchildren:\n  - {<<: *c, name: a, path: p, hints: own}\n"
    assert read(text, "f").children == (Child(name="a", path="p", role="r", hints="own"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limits:\n  trns: 3\n", "f, line 2: unknown key limits.trns; the nearest known key is turns"),
        ("\nchilden: []\n", "f, line 2: unknown key childen; the nearest known key is children"),
        ("children:\n- test: [x]\n", "f, line 2: unknown key children[].test; the nearest known key is tests"),
        ("limits:\n  turns: '3'\n", "f, line 2: limits.turns: Expected `int`, got `str`"),
        ("limits:\n  turns: true\n", "f, line 2: limits.turns: Expected `int`, got `bool`"),
        ("limits:\n  turns: 0\n", "f, line 2: limits.turns: Expected `int` >= 1"),
        ("gates: {plan: maybe}", "f, line 1: gates.plan: Invalid enum value 'maybe'"),
        ("isolation: vm\n", "f, line 1: isolation: Invalid enum value 'vm'"),
        ("children:\n- name: a\n", "f, line 2: children[0]: Object missing required field `path`"),
        ("children:\n- name: b\n  path: 7\n", "f, line 3: children[0].path: Expected `str`, got `int`"),
        ("children: a\n", "f, line 1: children: Expected `array`, got `str`"),
        ("- a\n", "f, line 1: the whole file: Expected `object`, got `array`"),
        ("codex: {model: a, model: b}", "f, line 1: codex.model is given twice"),
        ("a: [\n", "f, line 2: not valid YAML: expected the node content, but found '<stream end>'"),
        ("limits: {turns: 1}\n\tx: 1", "f, line 2: not valid YAML: found character '\\t' that cannot start any token"),
        ("\0", "f: not valid YAML: unacceptable character #x0000: special characters are not allowed"),
        ("codex: !x {}", "f, line 1: not valid YAML: could not determine a constructor for the tag '!x'"),
        ("children: &a [*a]", "f: a list or mapping in it holds itself"),
        ("children: [{name: a b, path: p}]", "f: 'a b' cannot be a child's name: 1 to 40 of A-Z a-z 0-9 _ - can"),
        ('children: [{name: "a\\n", path: p}]', "f: 'a\\n' cannot be a child's name: 1 to 40 of A-Z a-z 0-9 _ - can"),
        ("children: [{name: human, path: p}]", "f: a child cannot be named human: in plans, that is an owner"),
        ("children: [{name: a, path: p}, {name: a, path: q}]", "f: two children are named a"),
        ("children: [{name: a, path: p, endpoint: 'b:1'}]", "f: the endpoint of child a: b:1 is of no known kind"),
        (
            "children: [{name: a, path: p, token_env: T}]",
            "f: the endpoint of child a: token_env is of no use without an endpoint",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text, "f")
    assert caught.value.message == message


def test_an_unknown_key_tells_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        read("gates: {plam: ask}", "f")
    assert caught.value.hint == "keys known here: plan, dirty (any that begins with x- is yours)"


def test_load(tmp_path: Path) -> None:
    path = tmp_path / "orchestrator.config.yaml"
    assert load(path) == Config()
    path.write_text("limits: {turns: 2}")
    assert load(path).limits.turns == 2
    path.write_bytes(b"codex: {model: \xff}")
    with pytest.raises(ConfigError, match=r"orchestrator\.config\.yaml is not UTF-8 \(byte 15\)"):
        load(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(path)


def test_an_endpoint_is_told_whole() -> None:
    assert Child(name="a", path="p", endpoint="ws://localhost:4500/").address == "ws://localhost:4500"
    assert Child(name="a", path="p").address == ""
