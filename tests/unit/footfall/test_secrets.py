"""Credentials stay out of everything that is shown."""

from __future__ import annotations

import pytest

from footfall.secrets import mask_text, mask_url, with_credentials


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://admin:s3cret@10.0.0.5:554/ch1", "rtsp://***@10.0.0.5:554/ch1"),
        ("rtsp://admin:p@ss/word@cam/ch1?x=1", "rtsp://***@cam/ch1?x=1"),
        ("http://cam/video.mjpg?user=a&password=s3cret&fps=5", "http://cam/video.mjpg?user=***&password=***&fps=5"),
        ("http://[fe80::1]:80/x", "http://[fe80::1]:80/x"),
        ("rtsp://admin:s3cret@cam:notaport/x", "rtsp://***@cam:notaport/x"),
        ("clips/a.mp4", "clips/a.mp4"),
        ("postgresql://u:s3cret@db/footfall", "postgresql://***@db/footfall"),
    ],
)
def test_urls_are_masked(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_urls_inside_a_message_are_masked() -> None:
    assert mask_text("cannot open 'rtsp://a:s3cret@cam/1': refused") == "cannot open 'rtsp://***@cam/1': refused"


def test_credentials_are_encoded_and_replace_those_in_the_url() -> None:
    assert with_credentials("rtsp://old:one@cam:554/a", "me", "p@/:?") == "rtsp://me:p%40%2F%3A%3F@cam:554/a"
    assert with_credentials("rtsp://cam/a", "", "") == "rtsp://cam/a"
