"""Tables, migrations, transactions: the only folder that speaks SQL.

In come visits, minutes, recordings and accounts, out go rows and tidy DataFrames. No page, file or camera is known.
"""
