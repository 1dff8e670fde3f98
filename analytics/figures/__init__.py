"""Sales, hours of staff and weather as other programs export them: text in, checked rows out."""
