"""The daily report: its table, its files, and the writer that keeps files, log and database in step.

In come a site and a day, out go bytes and files with a revision. When a report is due is decided by `app`.
"""
