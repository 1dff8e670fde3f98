"""Decoding through libav (PyAV), common to files, streams and webcams."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any, cast

import av
import av.error
import structlog
from av.container import InputContainer
from av.format import Flags
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from footfall.errors import SourceError
from footfall.types import ImageArray
from ingest.sources.memory import LARGEST_PIXELS, limit_allocations
from ingest.sources.shape import LARGEST_SIDE_PX, Shaper, fitted

DEFAULT_FPS = 25.0
FASTEST_FPS = 120.0
# A recording with pauses has a low average; this much lower than the rate of its codec, and the average is not meant.
FAR_SLOWER = 2.5
LONGEST_WITHOUT_PICTURE_S = 30.0
"""Of a live stream that goes on to send sound or what cannot be decoded; key frames are rarely further apart."""
SIZE_LIMIT = {"max_pixels": str(LARGEST_PIXELS)}
# What to do about each of libav's errors; their own text is never shown, because it holds the URL with its password.
REMEDIES: tuple[tuple[type[av.error.FFmpegError], str], ...] = (
    (av.error.HTTPUnauthorizedError, "user name or password refused; set username and password of this camera"),
    (av.error.HTTPForbiddenError, "access forbidden; this user may not read the stream, check its rights"),
    (av.error.HTTPNotFoundError, "the server knows no such stream; check the path of the URL"),
    (av.error.HTTPError, "the server refused; check the URL and the camera's log"),
    (av.error.ConnectionRefusedError, "nothing listens at that address and port; check both, and that it is on"),
    (av.error.ExitError, "no data within the time allowed; check the network, or raise the camera's timeouts"),
    (av.error.TimeoutError, "no data within the time allowed; check the network, or raise the camera's timeouts"),
    (av.error.FileNotFoundError, "not found; check the name"),
    (av.error.PermissionError, "not readable by this user; check its permissions"),
    (av.error.InvalidDataError, "not a video, or cut off before its index; check or copy it again"),
    (av.error.ProtocolNotFoundError, "this kind of URL is not supported; use rtsp:// or http://"),
    (av.error.DecoderNotFoundError, "encoded in a format that cannot be decoded; use H.264 or H.265"),
)


class UnknownFormatError(SourceError):
    """Something came, but nothing that libav takes for a video when it looks by itself."""


def explain(error: Exception, shown: str) -> SourceError:
    """Return the SourceError for what libav raised; `shown` names the source without its credentials."""
    if "://" in shown:
        # An RTSP server that stays silent, or one that sends something else, both end like this.
        if isinstance(error, av.error.InvalidDataError):
            return UnknownFormatError(f"{shown}: no video came within the time allowed; check the URL and the camera")
        if isinstance(error, av.error.ArgumentError):
            words = "a list of other addresses, which are not followed; give the stream itself"
            return UnknownFormatError(f"{shown}: {words}")
        if isinstance(error, av.error.OSError) and error.errno == errno.EIO:
            moved = " or points to another address" if shown.startswith("http") else ""
            return SourceError(f"{shown}: the connection failed{moved} or broke off; check address, network and camera")
    for kind, remedy in REMEDIES:
        if isinstance(error, kind):
            return SourceError(f"{shown}: {remedy}")
    reason = getattr(error, "strerror", None) or type(error).__name__
    return SourceError(f"{shown}: cannot be read ({str(reason).lower()}); check the source and its address")


class Decoder:
    """One opened container: its video stream, its sound frames in order, and how many were damaged."""

    def __init__(self, shown: str, address: str, pixel_aspect: Fraction | None = None, **arguments: Any) -> None:
        """Open `address` with the arguments of `av.open` and decode the first picture.

        `pixel_aspect`, a pixel's width by its height, is taken instead of what the stream declares.

        Raises:
            SourceError: it cannot be opened, has no video or no picture that can be decoded.
        """
        self.shown = shown
        self.decoded = 0
        self.damaged = 0
        self.failure: Exception | None = None
        self._is_live = "timeout" in arguments
        limit_allocations()
        arguments["options"] = {**arguments.get("options", {}), **SIZE_LIMIT}  # of the look into the stream, too
        log = structlog.get_logger("footfall.source")
        self._shaper = Shaper(pixel_aspect, lambda words: log.warning(words, source=shown))
        try:
            self.container = cast(InputContainer, av.open(address, **arguments))
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise explain(error, shown) from None
        try:
            self.stream = self._video_stream()
            self._frames = self._decode()
            self._first = next(self._frames, None)
            if self._first is None and self.failure is not None:
                raise explain(self.failure, shown)
            if self._first is None:
                raise SourceError(f"{shown}: no picture in it can be decoded; check or copy it again")
            self._first_aspect = self._codec_aspect()
            self.size = self.size_of(self._first)
        except BaseException:
            self.close()
            raise

    @property
    def fps(self) -> float:
        """Announced frames a second, or 25 when the container does not say anything usable."""
        average, usual = self.stream.average_rate, self.stream.guessed_rate
        is_raw = bool(self.container.format.flags & cast(int, Flags.no_timestamps.value))
        if is_raw and usual and 0.01 < usual <= FASTEST_FPS:
            return float(usual)  # its codec's word; the average is 25 whatever that says
        if average and usual and FAR_SLOWER * average < usual <= FASTEST_FPS:
            return float(usual)
        rate = average or usual
        return float(rate) if rate and 0.01 < rate < 1000 else DEFAULT_FPS

    def frames(self) -> Iterator[tuple[float | None, VideoFrame]]:
        """Yield presentation time in seconds (None when unknown) and picture, sound pictures only, once.

        Ends when the container does; what broke it off, if anything did, is in `failure`.
        """
        if self._first is not None:
            first, self._first = self._first, None
            yield first.time, first
        for frame in self._frames:
            yield frame.time, frame

    def to_bgr(self, frame: VideoFrame) -> ImageArray:
        """Return the upright picture as uint8 (H, W, 3) BGR, always of `size`, even if the stream changes its own."""
        return fitted(self._shaper.to_bgr(frame, self._declared_aspect()), self.size)

    def size_of(self, frame: VideoFrame) -> tuple[int, int]:
        """Return width and height of `frame` as it is to be seen: upright, with square pixels."""
        return self._shaper.size_of(frame, self._declared_aspect())

    def close(self) -> None:
        """Close the container; safe to call twice."""
        with suppress(av.error.FFmpegError):
            self.container.close()

    def _video_stream(self) -> VideoStream:
        # A cover picture in a sound file is a video stream by name only; text files decode as pictures of a terminal.
        streams = [s for s in self.container.streams.video if not s.disposition & s.disposition.attached_pic]
        if not streams or self.container.format.name == "tty":
            raise SourceError(f"{self.shown}: holds no video; give a recording with pictures")
        stream = streams[0]
        context = cast(Any, stream).codec_context
        # Decoding without a context crashes the process (PyAV issue 2344).
        if context is None or not 0 < context.width <= LARGEST_SIDE_PX or not 0 < context.height <= LARGEST_SIDE_PX:
            raise UnknownFormatError(f"{self.shown}: its video header is damaged; check or copy it again")
        context.options = {**context.options, **SIZE_LIMIT}
        context.thread_count = 1
        context.thread_type = "NONE"
        return stream

    def _decode(self) -> Iterator[VideoFrame]:
        packets, pictured_at = self._packets(), time.monotonic()
        while True:
            try:
                packet = next(packets, None)
            except IndexError:
                # Damage made the demuxer find a stream that was not announced; PyAV cannot name its packets.
                self.damaged += 1
                packets = self._packets()
                continue
            except (av.error.FFmpegError, OSError, ValueError) as error:
                self.failure = error
                packet = None
            if packet is None:
                return
            if packet.stream.index == self.stream.index:
                for frame in self._sound_frames(cast("av.Packet[VideoStream]", packet)):
                    yield frame
                    pictured_at = time.monotonic()
            if self._is_live and time.monotonic() - pictured_at > LONGEST_WITHOUT_PICTURE_S:
                self.failure = av.error.TimeoutError(errno.ETIMEDOUT, "no picture, although data came")
                return

    def _packets(self) -> Iterator[Any]:
        """Give the packets of the video; of a live container those of sound too, which alone end no read in time."""
        return self.container.demux() if self._is_live else self.container.demux(self.stream)

    def _sound_frames(self, packet: av.Packet[VideoStream]) -> Iterator[VideoFrame]:
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError):
            self.damaged += 1
            return
        for frame in frames:
            if frame.is_corrupt or not 0 < frame.width <= LARGEST_SIDE_PX or not 0 < frame.height <= LARGEST_SIDE_PX:
                self.damaged += 1
            else:
                self.decoded += 1
                yield frame

    def _declared_aspect(self) -> Fraction | None:
        # A container's own word beats the codec's, but only the codec's can change on the way.
        coded = self._codec_aspect()
        return self.stream.sample_aspect_ratio if coded == self._first_aspect else coded

    def _codec_aspect(self) -> Fraction | None:
        return cast("Fraction | None", cast(Any, self.stream).codec_context.sample_aspect_ratio)
