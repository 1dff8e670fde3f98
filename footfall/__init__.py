"""The kernel that every folder may import: border types, errors, settings, local time, secrets, logs.

It imports no other folder, opens nothing and starts nothing.
"""

__version__ = "0.1.0"
