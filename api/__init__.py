"""The read-only REST interface: programs ask, with a token, for the numbers that pages and reports show.

Nothing is counted here. Each answer comes from a function of dashboard.numbers, asked in the name of the token's user.
"""
