"""Where frames come from: files, folders, streams and webcams, decoded and dated.

In comes what a camera's settings name, out go `Frame`s with their time. Nothing looks at what is on them.
"""
