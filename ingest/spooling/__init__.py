"""The durable way of records from a worker to the database: spooled on disk first, forwarded when it answers.

In come visits, minutes and outages, out go the same, once; how a database stores them is not known here.
"""
