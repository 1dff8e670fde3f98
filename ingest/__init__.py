"""The way of one frame: picture in, motion and faces looked at, visits and minutes out.

Frames come from `sources`; pixels end here and in `inference`. Database, reports and pages are unknown here.
"""
