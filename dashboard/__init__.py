"""The pages that the mall's people open in a browser.

In come rows of the database, out go pages, charts and downloads; the loose modules are the frame that all pages share.
Nothing here counts visits itself or sees a picture.
"""
