"""Every measured figure of the documents, with the peer beside it in the same run.

In come footage and simulated history, out go printed tables; nothing imports this folder.
"""
