"""Charts: how numbers are drawn, in one style.

In come tidy frames, out go Altair charts; no query, no Streamlit, no clock.
"""
