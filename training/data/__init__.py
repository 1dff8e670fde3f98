"""Loaders of public data sets: one file each, straight from their archives, bad labels refused by file name.

In come archives, out go labelled pictures and a cache of aligned faces; nothing is learnt here or known of a network.
"""
