"""The command `glissando families`."""

import inspect
import json
from typing import Any

import click

from glissando import FAMILIES, recipes
from glissando.combinators.base import Combinator
from glissando.dialects import PEERS


@click.command(epilog="Example: glissando families cosine")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of schedule files.")
def command(name: str | None, as_json: bool, schema: bool) -> None:
    """List all schedules: families, combinators, recipes.

    With a NAME, print the documentation of one. Other frameworks' schedules are listed by the name
    of their framework, such as torch, and printed by theirs, such as torch.StepLR.
    """
    if schema:
        from glissando.text.schema import json_schema

        click.echo(json.dumps(json_schema(), indent=2))
        return
    from glissando.text.names import dialects, maker

    everything = FAMILIES | recipes.RECIPES
    if name is not None:
        everything = {n: made for n, made in dialects().items() if n.startswith(f"{name}.")}
    if not everything:
        found = maker(name, "NAME")
        click.echo(f"{_signature(str(name), found)}\n\n{inspect.getdoc(found)}")
        return
    listed = [
        {
            "name": tag,
            "kind": _kind(tag, found),
            "signature": _signature(tag, found),
            "summary": (inspect.getdoc(found) or "").partition("\n")[0],
        }
        for tag, found in sorted(everything.items())
    ]
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for kind, title in (
        ("family", "Families"),
        ("combinator", "Combinators"),
        ("recipe", "Recipes"),
        ("dialect", f"Dialects: {name}"),
    ):
        entries = [entry for entry in listed if entry["kind"] == kind]
        if entries:
            click.echo(title)
        for entry in entries:
            click.echo(f"  {entry['signature']}\n      {entry['summary']}")
        if entries:
            click.echo()
    if name is None:
        click.echo(f"Dialects, each listed by its name\n  {' '.join(PEERS)}")


def _kind(name: str, found: Any) -> str:
    if not inspect.isclass(found):
        return "recipe" if name in recipes.RECIPES else "dialect"
    return "combinator" if issubclass(found, Combinator) else "family"


def _signature(name: str, found: Any) -> str:
    arguments = [
        key if value.default is inspect.Parameter.empty else f"{key}={value.default}"
        for key, value in inspect.signature(found).parameters.items()
    ]
    return f"{name}({', '.join(arguments)})"
