"""The command line: one module a group of commands. Mistakes of the user become one line and exit code 2."""

from footfall.cli.app import main

__all__ = ["main"]
