"""One file per page, run by Streamlit after `dashboard/serving/script.py` has checked who is looking.

The folder is not called `pages`: Streamlit takes a folder of that name beside the main script for its own, and serves
its files without running the main script for the first visitor after a start, so without any sign-in.
"""
