"""Live cameras: a reader and a worker process for each, and the supervisor that restarts it.

In come streams, out go records for the spool, heartbeats and outages; nothing is written to the database.
"""
