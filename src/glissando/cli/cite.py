"""The command `glissando cite`."""

import click

from glissando.cli.arguments import recipes_of
from glissando.recipes import citation


@click.command(epilog="Example: glissando cite one_cycle sgdr >> references.bib")
@click.argument("recipes", metavar="RECIPE...", nargs=-1, required=True)
def command(recipes: tuple[str, ...]) -> None:
    """Print the sources of recipes as BibTeX."""
    names = [name for recipe in recipes for name in recipes_of(recipe) or [recipe]]
    entries = dict.fromkeys(entry for name in names for entry in citation(name))
    click.echo("\n\n".join(entries))
