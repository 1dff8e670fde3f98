"""Recordings on a Ray cluster: every recording is one task, and only this folder imports Ray.

A worker counts and stores as one box does (app.order_counting); what it sends back is a few numbers. A task whose
worker or node dies is given to another one, and storing the same content again replaces it (decisions 4 and 21).
"""
