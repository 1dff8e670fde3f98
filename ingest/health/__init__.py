"""How the running program is: one document, served over HTTP for people, probes and Prometheus.

In come heartbeats and the state of forwarding, out go `/healthz` and `/metrics`; nothing is decided here.
"""
