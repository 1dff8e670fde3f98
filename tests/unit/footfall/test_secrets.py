"""Credentials stay out of everything that is shown."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from footfall.secrets import mask_text, mask_url, place_of

SHOWN = ("rtsp", "http", "postgresql", "10.0.0.5:554", "north.cam:8554", "[fe80::1]:80", "***", "refused by ")
SECRET = some.text(some.characters(exclude_characters="\r\n", categories=("L", "N", "P", "S", "Zs")), min_size=4)
SHORTEST = 4


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://admin:s3cret@10.0.0.5:554/ch1", "rtsp://10.0.0.5:554/***"),
        ("rtsp://admin:p@ssword@cam:554/ch1", "rtsp://cam:554/***"),
        ("rtsp://admin:p@ss/word@cam/ch1?x=1", "rtsp://***"),
        ("rtsp://admin:geh?eim77@127.0.0.1:5599/stream", "rtsp://***"),
        ("rtsp://admin:geh#eim77@127.0.0.1:5599/stream", "rtsp://***"),
        ("rtsp://admin:geheim77", "rtsp://***"),
        ("http://cam/video.cgi?loginuse=admin&loginpas=geheim77", "http://cam/***"),
        ("rtsp://cam:554/user=admin_password=geheim77_channel=1_stream=0.sdp", "rtsp://cam:554/***"),
        ("rtsps://cam:7441/5xZ8kQbYtW3hM2nL?enableSrtp", "rtsps://cam:7441/***"),
        ("http://[fe80::1]:80/x", "http://[fe80::1]:80/***"),
        ("udp://@239.0.0.1:1234", "udp://239.0.0.1:1234"),
        ("rtsp://admin:s3cret@cam:notaport/x", "rtsp://***"),
        ("clips/a.mp4", "clips/a.mp4"),
        ("file:///clips/a.mp4", "file:///clips/a.mp4"),
        ("sqlite:///footfall.db", "sqlite:///footfall.db"),
        ("postgresql://u:s3cret@db/footfall", "postgresql://db/***"),
    ],
)
def test_urls_are_masked(url: str, shown: str) -> None:
    assert mask_url(url) == shown
    assert mask_url(shown) == shown


def test_urls_inside_a_message_are_masked_and_its_words_stay() -> None:
    assert mask_text("cannot open 'rtsp://a:s3 'cret@cam/1': refused") == "cannot open 'rtsp://cam/***': refused"
    assert mask_text("GET /video.cgi?loginpas=geheim77 failed?") == "GET /video.cgi?*** failed?"
    twice = "rtsp://cam/***: the stream ended; then http://cam:80: refused; then rtsp://***: no answer"
    assert mask_text(twice) == twice
    advice = "write sqlite:///footfall.db, or use rtsp://, rtsps:// or http://"
    assert mask_text(advice) == advice
    assert mask_text("sqlite:///footfall.db or http://me:geheim77@cam") == "sqlite:///footfall.db or http://cam"


@given(
    scheme=some.sampled_from(("rtsp", "rtsps", "http", "postgresql")),
    place=some.sampled_from(("10.0.0.5:554", "north.cam:8554", "[fe80::1]:80")),
    secret=SECRET,
    shape=some.sampled_from(
        (
            "{scheme}://admin:{secret}@{place}/stream",
            "{scheme}://{secret}@{place}",
            "{scheme}://{secret}:{secret}@{place}/x?y=z",
            "{scheme}://{place}/{secret}",
            "{scheme}://{place}/user=admin_password={secret}_channel=1",
            "{scheme}://{place}/x?loginuse=admin&loginpas={secret}",
            "{scheme}://u:p@{place}/x?{secret}",
            "{scheme}://{place}/x#{secret}",
        )
    ),
    encoded=some.booleans(),
)
def test_no_part_of_a_secret_is_shown_wherever_it_stands(
    scheme: str, place: str, secret: str, shape: str, encoded: bool
) -> None:
    url = shape.format(scheme=scheme, place=place, secret=quote(secret, safe="") if encoded else secret)
    parts = {text[at : at + SHORTEST] for text in (secret, quote(secret)) for at in range(len(text) - SHORTEST + 1)}
    assume(not any(part in shown for part in parts for shown in SHOWN))
    assert not [part for part in parts if part in mask_url(url)]
    before_the_host = "{secret}" in shape.partition("{place}")[0]
    if before_the_host or not any(character.isspace() or character in "'\"<>" for character in url):
        told = mask_text(f"refused by {url}")
        assert told.startswith("refused by ")
        assert not [part for part in parts if part in told]


def test_an_address_whose_host_cannot_be_told_from_a_password_has_no_place() -> None:
    assert place_of("rtsp://admin:geheim@cam:554/x") == "cam:554"
    assert place_of("rtsp://admin:12?34@cam:554/x") == ""
