"""Files of templates that cannot be used: what is said of them, and what is read at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.store.conftest import PATTERN, ROLE, Place
from tmuxorch.errors import ConfigError
from tmuxorch.store.template_files import SIZE
from tmuxorch.store.templates import Listed, Templates


def test_a_broken_file_spoils_only_itself(templates: Templates, project: Place, user: Place) -> None:
    path = user.write("roles/scout.yaml", "do: [\n")
    assert templates.role("free").name == "free"
    with pytest.raises(ConfigError, match=r"scout\.yaml, line 2: not valid YAML: ") as caught:
        templates.role("scout")
    assert caught.value.hint == "correct it, then type: tmuxorch exec --role scout --show-prompt …"
    found = {one.name: one for one in templates.roles()}
    assert found["scout"] == Listed(name="scout", source=str(path), problem=caught.value.message)
    assert found["reviewer"].problem == ""
    assert templates.pattern("review").name == "review"
    with pytest.raises(ConfigError, match=r"scout\.yaml, line 2"):
        templates.pattern("C")  # which cannot be run without its scout

    lenses = project.write("lenses.yaml", "Speed: x")
    assert templates.lens("words of one's own") == "words of one's own"
    with pytest.raises(ConfigError, match=r"lenses\.yaml, line 1: Speed: a name is 1 to 24 of a-z 0-9 -"):
        templates.lens("tests")
    assert [one.name for one in templates.patterns() if str(lenses) in one.problem] == [
        "review",
        "review-fix",
    ]


STEP = "steps:\n- name: a\n  role: free\n  answer: brief\n"


@pytest.mark.parametrize(
    ("name", "said", "message", "hint"),
    [
        ("roles/r.yaml", "", ", line 1: the whole file: Object missing required field `do`", "tmuxorch exec"),
        ("roles/r.yaml", ROLE + "dont: x", ", line 3: unknown key dont; the nearest known key is do_not", "keys"),
        ("roles/r.yaml", ROLE + "name: x", ", line 3: unknown key name; the nearest known key is calls_itself", "keys"),
        ("roles/r.yaml", "do: x\noutput: [a]", ", line 2: output: Expected `str`, got `array`", "tmuxorch exec"),
        ("roles/r.yaml", "output: x\ndo: ' '", ", line 2: do: it is empty", "tmuxorch exec"),
        ("roles/r.yaml", "do: x\ndo: y", ", line 2: do is given twice", "tmuxorch exec"),
        ("roles/r.yaml", "do: x: y", ", line 1: not valid YAML: mapping values are not allowed here", "in quotes"),
        ("roles/r.yaml", b"do: \xff", " is not UTF-8 (byte 4)", "file "),
        ("roles/r.yaml", "do: " + "x" * SIZE, " has more than 32768 bytes", "shorter"),
        ("roles/r.yaml", "[" * 9999, ", line 1: more than 8 lists and mappings in each other", "tmuxorch exec"),
        ("roles/My Role.yaml", ROLE, ": a name is 1 to 24 of a-z 0-9 -, and the file's before .yaml is one", "mv "),
        ("patterns/p.yaml", "a: &a x", ", line 1: anchors (&) and aliases (*) are not read here", "pattern show p"),
        ("patterns/p.yaml", "title: t\nx-a: *a", ", line 2: anchors (&) and aliases (*) are not read here", "show p"),
        ("patterns/p.yaml", "title: t", ", line 1: the whole file: Object missing required field `steps`", "show p"),
        ("patterns/p.yaml", "title: t\nsteps: []", ", line 2: steps: expected 1 to 8 steps, got 0", "pattern show p"),
        ("patterns/p.yaml", "title: t\n" + STEP, ", line 3: steps[0]: Object missing required field `task`", "show p"),
        (
            "patterns/p.yaml",
            "title: t\n" + STEP + "  task: {{task}}\n",
            ", line 6: not valid YAML: found unhashable key",
            "what begins with {{ is put in quotes",
        ),
        (
            "patterns/p.yaml",
            "title: t\n" + STEP + "  task: t\n  ned: [b]\n",
            ", line 7: unknown key steps[].ned; the nearest known key is needs",
            "keys known here: name, role, ",
        ),
        (
            "patterns/p.yaml",
            "title: t\n" + STEP + "  task: t\n  needs: [b]\n",
            ", line 7: steps[0].needs: there is no step 'b'",
            "there is none",
        ),
        (
            "patterns/p.yaml",
            "title: t\n" + STEP + "  task: t\n  lens: tets\n",
            ", line 7: steps[0].lens: there is no lens 'tets'",
            "did you mean 'tests'?",
        ),
        (
            "patterns/p.yaml",
            "title: t\n" + STEP.replace("free", "fre") + "  task: t\n",
            ", line 4: steps[0].role: there is no role 'fre'",
            "did you mean 'free'?",
        ),
        (
            "patterns/p.yaml",
            "title: t\n" + STEP.replace("brief", "breif") + "  task: t\n",
            ", line 5: steps[0].answer: Invalid enum value 'breif'",
            "pattern show p",
        ),
        (
            "patterns/p.yaml",
            PATTERN + "parameters:\n  a: {about: x}\n  b:\n    abuot: x\n",
            ", line 7: unknown key parameters.b.abuot; the nearest known key is about",
            "keys known here: about, min, max, default",
        ),
        (
            "patterns/p.yaml",
            PATTERN + "parameters:\n  a: {about: x}\n  b:\n    about: x\n    min: '2'\n",
            ", line 8: parameters.b.min: Expected `int`, got `str`",
            "pattern show p",
        ),
        (
            "patterns/p.yaml",
            PATTERN + "parameters:\n  a: {about: x}\n  a: {about: y}\n",
            ", line 6: parameters.a is given twice",
            "pattern show p",
        ),
        (
            "patterns/p.yaml",
            PATTERN + "parameters:\n  B:\n    about: x\n",
            ", line 5: parameters.B: a parameter's name is 1 to 24 of a-z 0-9 -, begins with a letter and is not task; "
            "got 'B'",
            "pattern show p",
        ),
        (
            "patterns/p.yaml",
            PATTERN.replace("Do {{task}}", "Do {{b-c}}") + "parameters:\n  b-c:\n    about: x\n    max: 99\n",
            ", line 5: parameters.b-c: expected 1 <= min <= max <= 16, got min 1 and max 99",
            "pattern show p",
        ),
        ("lenses.yaml", "a: b\nc: [d]\n", ", line 2: c: Expected `str`, got `array`", "--lens"),
        ("lenses.yaml", "a: b\na: c\n", ", line 2: a is given twice", "--lens"),
        ("lenses.yaml", "a: b\nc: ' '\n", ", line 2: c: it is empty", "--lens"),
        ("lenses.yaml", "a b: c\n", ", line 1: a b: a name is 1 to 24 of a-z 0-9 -", "--lens"),
        ("lenses.yaml", "a: b: c\n", ", line 1: not valid YAML: mapping values are not allowed here", "in quotes"),
        ("lenses.yaml", "- a\n", ", line 1: the whole file: Expected `object`, got `array`", "--lens"),
        ("lenses.yaml", "1: a\n", ", line 1: the whole file: Expected `str`, got `int` - at `key` in `$`", "--lens"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    templates: Templates, project: Place, name: str, said: str | bytes, message: str, hint: str
) -> None:
    path = project.write(name, said)
    ask = {"roles": templates.role, "patterns": templates.pattern}.get(path.parent.name, templates.lens)
    with pytest.raises(ConfigError) as caught:
        ask(path.stem)
    assert caught.value.message == f"{path}{message}"
    assert hint in caught.value.hint


def test_what_is_no_file_is_not_waited_for(templates: Templates, project: Place) -> None:
    roles = project.write("roles/good.yaml", ROLE).parent
    os.mkfifo(roles / "pipe.yaml")
    (roles / "folder.yaml").mkdir()
    (roles / "gone.yaml").symlink_to("nowhere")
    (roles / "link.yaml").symlink_to("good.yaml")
    assert templates.role("link").do == "Do it."
    for name in ("pipe", "folder"):
        with pytest.raises(ConfigError, match=rf"{name}\.yaml is not a file"):
            templates.role(name)
    with pytest.raises(ConfigError, match=r"gone\.yaml cannot be read: No such file"):
        templates.role("gone")
    assert {one.name for one in templates.roles() if one.problem} == {"pipe", "folder", "gone"}


def test_other_files_are_no_templates(templates: Templates, project: Place) -> None:
    before = templates.roles()
    for name in ("readme.md", ".#scout.yaml", "scout.yaml~", "scout.yml", "\x1b[2J.yaml"):
        project.write(f"roles/{name}", "not: a role")
    (project.directory / "roles" / os.fsdecode(b"\xff.yaml")).touch()
    assert templates.roles() == before


def test_a_file_in_the_place_of_the_directory_is_nothing(templates: Templates, tmp_path: Path) -> None:
    before = templates.roles()
    (tmp_path / "tmuxorch").write_text("#!/bin/sh\n")
    assert templates.roles() == before
    assert templates.lens("tests").startswith("tests: ")


def test_text_of_a_project_comes_without_controls(templates: Templates, project: Place) -> None:
    project.write(
        "roles/r.yaml", r'{do: "a\e[2Jb", output: "c\u202ed", about: "e\nf", calls_itself: "g\r\nh"}'
    )
    role = templates.role("r")
    assert (role.do, role.output, role.about, role.calls_itself) == ("ab", "cd", "e f", "g h")
    project.write("lenses.yaml", r'tests: "\e]0;x\a what to\nlook for"')
    assert templates.lens("tests") == "tests: what to look for"


def test_a_file_of_references_to_itself_is_refused_at_once(templates: Templates, project: Place) -> None:
    lines = ["x-0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    project.write("roles/bomb.yaml", "\n".join(lines) + "\ndo: *a29\noutput: x\n")
    with pytest.raises(ConfigError, match="line 1: anchors"):
        templates.role("bomb")
