"""The command line: one module a group of commands. Mistakes of the user become one line and exit code 2.

In come arguments, out go printed answers; what a command does is in `app` and below.
"""

import os

# Read by the library of matrix products when NumPy is loaded. Its threads wait for each other busily: beside other work
# the comparison of a day's visits took six times as much processor time with two as with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.cli.root import main

__all__ = ["main"]
