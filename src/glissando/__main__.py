"""The command line by the package's name: `python -m glissando`."""

from glissando.cli import main

main(prog_name="glissando")
