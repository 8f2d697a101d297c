"""Writes the reference pages from what the code says of itself.

A page for each family, each combinator, each recipe, each room of the package and each adapter, one
for the command line, one for the messages, and a gallery: what is new is in the documentation
without a word written here.
"""

import shutil
from pathlib import Path

from generate.api import api
from generate.commands import command_line
from generate.gallery import flagship, gallery
from generate.messages import message_page
from generate.proofs import disagreements, pains
from generate.reference import dialects, families, recipes

ROOT = Path(__file__).parents[2]


def generate(folder: Path) -> None:
    """Write all generated pages into `folder`, in place of those that were there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "command-line.md").write_text(command_line())
    (folder / "gallery.md").write_text(gallery())
    (folder / "flagship.html").write_text(flagship())
    (folder / "messages.md").write_text(message_page())
    (folder / "disagreements.md").write_text(disagreements(ROOT / "docs" / "disagreements.toml"))
    (folder / "pains.md").write_text(pains(ROOT / "docs" / "pains.toml", ROOT / "tests"))
    for write in (families, recipes, dialects, api):  # the last one loads frameworks
        (folder / write.__name__).mkdir()
        for page, text in write().items():
            (folder / write.__name__ / f"{page}.md").write_text(text)
