"""Pure functions on DataFrames: totals, shares, completeness, suppression of small counts.

No database, file, clock or page.
"""
