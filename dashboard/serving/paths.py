"""Addresses and names that pages and server share."""

COOKIE_NAME = "footfall_session"
SESSION_PATH = "/footfall/session"
AUDIT_PATH = "/footfall/audit"
SETUP_PATH = "/footfall/setup"
# A proxy that hands on under this computer's own name would publish a dashboard that asks nobody who they are.
OWN_NAMES = ("localhost", "127.0.0.1", "::1")
