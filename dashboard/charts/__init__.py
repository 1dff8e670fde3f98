"""Charts: tidy frames in, Altair charts out; no query, no Streamlit, no clock."""
