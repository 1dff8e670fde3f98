"""What changes the database: each function is a part of one transaction that `db.store` opens.

What is written twice is counted once, and a day whose report was written is reopened.
"""
