"""The form in which a plan is given: that of core.answers, closed, with what each field is for."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Lines = tuple[str, ...]


class Human(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person has to do."""

    do: Annotated[str, Meta(description="The exact steps.")]
    expect: Annotated[
        str,
        Meta(
            description="Exactly what is expected back; of a decision its options, lines of `- KEY: what it means`."
        ),
    ]
    kind: Annotated[
        Literal["device", "ux", "credentials", "go-no-go", "decision"],
        Meta(
            description="device: a test on a device; ux: a look at an interface; credentials; go-no-go: no-go gives up "
            "what depends on it; decision."
        ),
    ] = "decision"
    secret: Annotated[
        bool,
        Meta(
            description="True for what nobody may see, as a password: only the items that depend on it are told."
        ),
    ] = False


class Item(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One piece of work of one repo, small enough to be checked by itself."""

    id: Annotated[str, Meta(description="1, 2, 3, …")]
    title: Annotated[str, Meta(description="What it is, in a line.")]
    owner: Annotated[
        str,
        Meta(
            description="The child that works on it; `orchestrator` only for what a human must do, in `human`."
        ),
    ]
    depends: Annotated[
        Lines,
        Meta(description="Ids of items that must be done before; empty where work can go on side by side."),
    ] = ()
    scope: Annotated[
        Lines,
        Meta(
            description="Paths that it may change, relative to its repo: files, directories, patterns (`*`, `**`)."
        ),
    ] = ()
    contract: Annotated[
        str,
        Meta(
            description="The contract that it makes (its producer's items) or uses (all others); empty: none."
        ),
    ] = ""
    instructions: Annotated[
        str, Meta(description="What to do and what to leave. The child knows nothing else.")
    ]
    verification: Annotated[
        Lines, Meta(description="Shell commands that prove it, run in the owner's repo, without network.")
    ] = ()
    risk: Annotated[str, Meta(description="What could go wrong, in a sentence.")] = ""
    human: Annotated[Human | None, Meta(description="For a human task alone.")] = None
    requests: Annotated[
        tuple[Literal["logging", "instrumentation", "pre-tests"], ...],
        Meta(description="What was asked for beside the solution and this item gives."),
    ] = ()


class Contract(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An interface between repos."""

    name: Annotated[str, Meta(description="A short name, used in `contract` of items.")]
    producer: Annotated[str, Meta(description="The one child that makes it.")]
    consumers: Annotated[Lines, Meta(description="The children that use it.")]
    shape: Annotated[
        str, Meta(description="Exactly what it is: names, types, units, errors. Both ends are built from it.")
    ]
    paths: Annotated[
        Lines, Meta(description="Files of the producer's repo in which it is written down.")
    ] = ()


class Plan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole plan."""

    objective: Annotated[str, Meta(description="What is to be reached.")]
    success_criteria: Annotated[Lines, Meta(description="What can be observed at the end.")] = ()
    items: Annotated[tuple[Item, ...], Meta(description="The items, best 3 to 6 for each child.")]
    contracts: Annotated[tuple[Contract, ...], Meta(description="What the repos must agree on.")] = ()
    parallel: Annotated[Lines, Meta(description="What can be done at the same time.")] = ()
    human_checkpoints: Annotated[Lines, Meta(description="Where a human is needed, in words.")] = ()
    risks: Annotated[Lines, Meta(description="What is still open.")] = ()
