"""Who came again today: from signatures of visits to the probability that each was its person's first.

No pixels, no SQL, no disk, no network: a signature lives in memory until the site's day is closed.
"""
