"""The web server: it listens, hands the parts to the pages, and runs the script that chooses one.

Streamlit puts this folder first on the import path, so no module here may be named like a package.
"""
