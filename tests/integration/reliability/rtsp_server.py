"""A real RTSP server on loopback; run by the system's python3, which has the GStreamer bindings.

Usage: rtsp_server.py PORT LAUNCH [USER PASSWORD]. Prints "ready" when it listens.
"""

from __future__ import annotations

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  # versions must be chosen before


def main() -> None:
    port, launch, *credentials = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)
    if credentials:
        user, password = credentials
        token = GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
        authentication = GstRtspServer.RTSPAuth()
        authentication.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        server.set_auth(authentication)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
        permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {port} of 127.0.0.1 cannot be used")
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
