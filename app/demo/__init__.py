"""The sample scene and the simulated month: rendered footage and history whose truth is known.

In come a seed and a number of people, out go a video, its truth and rows. No real person is shown.
"""
