"""Who went in and out where a camera did not watch: guessed from the others, with the doubt that belongs to a guess."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.occupancy import DOUBT_PER_PASSAGE, DOUBT_PER_UNSEEN, Flow, Numbers

Seen = npt.NDArray[np.bool_]

WATCHED = 0.9
"""From this share of a stretch on its count stands as it is; the newest minute of a live camera is always missing."""
SCALED = 0.5
"""From this share on the count of the rest of the stretch is scaled up."""
GUESS_ERROR = 0.25
"""Standard deviation of a guessed number of people, as a share of it."""
MOST_GUESSED = 0.25


def flow_with_gaps(entries: Numbers, exits: Numbers, unseen: Numbers, watched: Numbers) -> Flow:
    """Return the flow of a site whose cameras did not always watch.

    A stretch that a camera watched for the greater part is scaled up. Else it had its usual share of what the other
    cameras counted then or, when no other watched, what it counted in the stretches before and after.

    Args:
        entries, exits, unseen: people counted by camera and stretch, float64 (C, N).
        watched: share of the time to be watched that was, float64 (C, N) in [0, 1]; 1 where nothing was expected.
    """
    filled_in, filled_out = _filled(entries, watched), _filled(exits, watched)
    guessed_in, guessed_out = filled_in - entries, filled_out - exits
    doubt = DOUBT_PER_PASSAGE * (filled_in + filled_out) + DOUBT_PER_UNSEEN * unseen
    doubt += GUESS_ERROR**2 * (guessed_in**2 + guessed_out**2)
    all_people = float(filled_in.sum() + filled_out.sum())
    guessed = float(guessed_in.sum() + guessed_out.sum())
    return Flow(
        filled_in.sum(axis=0),
        filled_out.sum(axis=0),
        doubt.sum(axis=0),
        guessed / all_people if all_people > 0 else _blind_share(watched),
    )


def _filled(counts: Numbers, watched: Numbers) -> Numbers:
    """Return counts, float64 (C, N), with those of unwatched stretches in place; never fewer than were counted."""
    seen = watched >= WATCHED
    filled = np.where(watched >= SCALED, counts / np.maximum(watched, SCALED), counts)
    filled = np.where(seen, counts, filled)
    for camera, stretch in np.argwhere(watched < SCALED):
        guess = _by_others(counts, seen, camera, stretch)
        if guess is None:
            guess = _by_neighbours(counts[camera], seen[camera], stretch)
        filled[camera, stretch] = max(guess, counts[camera, stretch])
    return filled


def _by_others(counts: Numbers, seen: Seen, camera: int, stretch: int) -> float | None:
    """Return the usual share of `camera` in what the cameras count that watched in `stretch`; None where none did."""
    others = seen[:, stretch].copy()
    others[camera] = False
    both = seen[camera] & seen[others].all(axis=0)
    theirs = float(counts[others][:, both].sum())
    if not others.any() or theirs <= 0:
        return None
    return float(counts[others, stretch].sum()) * float(counts[camera, both].sum()) / theirs


def _by_neighbours(counts: Numbers, seen: Seen, stretch: int) -> float:
    known = np.flatnonzero(seen)
    return float(np.interp(stretch, known, counts[known])) if len(known) else 0.0


def _blind_share(watched: Numbers) -> float:
    return float((1 - watched).mean()) if watched.size else 1.0
