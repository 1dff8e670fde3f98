"""The program: what `footfall` does when it is called, and the wiring of all other folders for it.

In come settings and command lines, out go running workers, jobs and printed answers. Nothing below imports it.
"""
