"""The command line: one module a group of commands. Mistakes of the user become one line and exit code 2.

In come arguments, out go printed answers; what a command does is in `app` and below.
"""

from app.cli.root import main

__all__ = ["main"]
