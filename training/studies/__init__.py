"""The approaches of the literature and of the client's documents, run on the same faces and compared.

In come cached faces and a study's TOML file, out go tables, curves and exported networks; nothing is shipped from here.
"""
