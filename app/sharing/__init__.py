"""What boxes of one site tell each other of a day's visits: sealed, through the memory of a Redis server.

Needs the extra `redis` (the packages redis and cryptography); imported only where the settings name a server.
"""
