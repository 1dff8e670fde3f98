"""What a user would notice, with real parts: `unit`, `integration`, `e2e`, `fuzz` and `soak`, mirroring the folders.

In come made footage and simulated history; nothing here needs the network or holds a picture of a person.
"""
