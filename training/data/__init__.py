"""Loaders of public data sets: one file each, straight from their archives, bad labels refused by file name."""
