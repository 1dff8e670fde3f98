"""What pages read and compare: every question to the database, and pure functions on the answers.

In come a person and a selection of days, out go frames and sentences. No Streamlit element is drawn here.
"""
