"""A set-up whose module starts a thread when it is loaded, as a library may do; the rest is the stand-in."""

from __future__ import annotations

import threading

from tests.integration.reliability.stand_in import set_up

__all__ = ["set_up"]

threading.Thread(target=threading.Event().wait, daemon=True).start()
