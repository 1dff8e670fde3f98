"""Programs for those who work on this project: screenshots, and a dashboard served for browsers.

In comes simulated history, out go pictures of pages; the program does not import it.
"""
