"""A real RTSP server on loopback; run by the system's python3, which has the GStreamer bindings.

Usage: rtsp_server.py PORT CODEC WIDTHxHEIGHT [USER PASSWORD]. Prints "ready" when it listens. SIGUSR1 halves the
picture's size in mid-stream.
"""

import signal
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  # versions must be chosen before

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay config-interval=1",
    "jpeg": "jpegenc quality=70 ! rtpjpegpay",
}


def caps(width: int, height: int) -> str:
    """Return the wanted pictures in GStreamer's words."""
    return f"video/x-raw,format=I420,width={width},height={height},framerate=25/1"


def require_password(server: Any, factory: Any, user: str, password: str) -> None:
    """Let only `user` see the stream."""
    role, media = "viewer", GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE
    token = GstRtspServer.RTSPToken()
    token.set_string(media, role)
    authentication = GstRtspServer.RTSPAuth()
    authentication.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(authentication)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(role, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role(role, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)


def main() -> None:
    """Serve a bouncing ball at /cam until killed."""
    port, codec, size, *credentials = sys.argv[1:]
    width, height = (int(side) for side in size.split("x"))
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( videotestsrc is-live=true pattern=ball ! videoscale ! capsfilter name=size caps={caps(width, height)} "
        f"! {ENCODERS[codec]} name=pay0 pt={96 if codec == 'h264' else 26} )"
    )
    factory.set_shared(True)
    filters: list[Any] = []
    factory.connect("media-configure", lambda _, media: filters.append(media.get_element().get_by_name("size")))

    def halve() -> bool:
        for item in filters:
            item.set_property("caps", Gst.Caps.from_string(caps(width // 2, height // 2)))
        return True

    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, halve)
    if credentials:
        require_password(server, factory, *credentials)
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {port} of 127.0.0.1 cannot be used")
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
