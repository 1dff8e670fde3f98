"""Who may see what: people with their passwords, sign-in, sessions, and what each person may ask.

In comes a password or a token, out goes a `Person`. No number about visitors is read here.
"""
