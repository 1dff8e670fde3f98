"""Questions to the database: visits, observation and operation as tidy DataFrames, aggregated in SQL.

In comes a `Selection` of cameras and days; nothing is changed.
"""
