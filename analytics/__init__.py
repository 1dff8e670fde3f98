"""Pure functions on DataFrames and arrays: totals, corrected shares, completeness, suppression of small counts.

No database, file, clock or page.
"""
