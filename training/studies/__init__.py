"""The approaches of the literature and of the client's documents, run on the same faces and compared."""
