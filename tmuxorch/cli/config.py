"""`tmuxorch config`."""

from __future__ import annotations

import click

from tmuxorch.cli.app import App, group


@group("config")
def config() -> None:
    """Show or check the configuration."""


@config.command("show")
@click.pass_obj
def show(app: App) -> None:
    """Print what is in force, defaults included."""
    import msgspec

    from tmuxorch.store.config import load, render

    found = load(app.paths.config)
    values = {name: msgspec.to_builtins(getattr(found, name)) for name in found.__struct_fields__}
    app.show(values, lambda: render(found))


@config.command("validate")
@click.pass_obj
def validate(app: App) -> None:
    """Check the file and that every child's repo is there."""
    from tmuxorch.store.children import check_children
    from tmuxorch.store.config import load

    found = load(app.paths.config)
    check_children(found, app.paths.project)
    names = [child.name for child in found.children]
    path = str(app.paths.config)
    app.show(
        {"path": path, "valid": True, "children": names},
        lambda: f"{path} is valid; children: {', '.join(names) or 'none'}",
    )


@config.command("path")
@click.pass_obj
def path(app: App) -> None:
    """Print where the configuration is."""
    app.show({"path": str(app.paths.config)}, lambda: str(app.paths.config))
