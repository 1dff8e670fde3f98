"""The plan of a scene: who walks where and when, and who of them was there before."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np

from app.demo.faces import FaceLabel
from app.demo.geometry import BACK_WALL_M, Camera
from app.demo.options import SceneOptions
from app.demo.walkers import Route, Walker
from footfall.types import Gender

FIRST_ARRIVAL_S = 0.5
CHILD_YEARS = 13
COMPANION_SHARE = 0.25
LARGEST_COMPANY = 3
PAUSE_SHARE = 0.08
COMFORT_M = 0.6
CANDIDATE_PATHS = 10

FACING_ROUTES = (Route.FROM_DOORS, Route.FROM_MALL, Route.LEFTWARDS, Route.RIGHTWARDS)
FACING_SHARES = (0.45, 0.25, 0.18, 0.12)


def plan_walkers(options: SceneOptions, labels: Sequence[FaceLabel]) -> tuple[Walker, ...]:
    """Return everybody of the scene in order of arrival; `labels` are the faces to hand out."""
    before = () if options.earlier is None else plan_walkers(options.earlier, labels)
    worn = {walker.face for walker in before}
    named = (replace(walker, person=f"{options.seed}/{walker.id}") for walker in _strangers(options, labels, worn))
    return _some_again(tuple(named), before, options)


def _strangers(options: SceneOptions, labels: Sequence[FaceLabel], worn: Set[int]) -> list[Walker]:
    """Return a scene's walkers; they wear the faces in `worn` only when there are no others."""
    rng = np.random.default_rng(options.seed)
    camera = Camera(*options.size, options.lens)
    duration_s = 60.0 * options.people / options.people_per_minute
    starts = FIRST_ARRIVAL_S + np.sort(rng.uniform(0.0, duration_s, options.people))
    walkers: list[Walker] = []
    company = 0
    for face, starts_at_s in zip(_hand_out(labels, worn, options.people, rng), starts, strict=True):
        route = FACING_ROUTES[int(rng.choice(len(FACING_ROUTES), p=FACING_SHARES))]
        walker = _person(len(walkers), face, labels[face], route, float(starts_at_s), rng)
        joins = rng.random() < (0.9 if walker.age_years < CHILD_YEARS else COMPANION_SHARE)
        if joins and 1 <= company < LARGEST_COMPANY:
            walkers.append(_beside(walkers[-1], walker))
            company += 1
        else:
            walkers.append(_spaced(walker, walkers, camera, rng))
            company = 1
    backs = round(options.people * options.backs_share)
    for starts_at_s in np.sort(rng.uniform(0.0, duration_s, backs)):
        face = int(rng.integers(len(labels)))
        walker = _person(len(walkers), face, labels[face], Route.AWAY, FIRST_ARRIVAL_S + float(starts_at_s), rng)
        walkers.append(_spaced(walker, walkers, camera, rng))
    return walkers


def _some_again(walkers: tuple[Walker, ...], before: Sequence[Walker], options: SceneOptions) -> tuple[Walker, ...]:
    """Return `walkers`, some of whom are people of the scene `before` in the clothes that they wore there."""
    rng = np.random.default_rng([options.seed, 3])
    known = [walker for walker in before if walker.shows_face]
    slots = [walker.id for walker in walkers if walker.shows_face]
    count = min(round(options.again_share * len(slots)), len(known))
    again = dict(zip(rng.permutation(slots)[:count], rng.permutation(len(known))[:count], strict=True))
    return tuple(_as(known[again[walker.id]], walker) if walker.id in again else walker for walker in walkers)


def _as(who: Walker, walk: Walker) -> Walker:
    """Return the walk `walk` of the person that `who` shows."""
    return replace(
        walk,
        person=who.person,
        face=who.face,
        gender=who.gender,
        age_years=who.age_years,
        height_m=who.height_m,
        look_seed=who.look_seed,
    )


def _hand_out(labels: Sequence[FaceLabel], worn: Set[int], people: int, rng: np.random.Generator) -> list[int]:
    """Return a face for everybody; nobody shares one before all have been used, those in `worn` last."""
    rounds = -(-people // len(labels))
    dealt = [int(face) for _ in range(rounds) for face in rng.permutation(len(labels))]
    return sorted(dealt[:people] if not worn else dealt, key=worn.__contains__)[:people]


def _person(
    number: int, face: int, label: FaceLabel, route: Route, starts_at_s: float, rng: np.random.Generator
) -> Walker:
    adult_m = rng.normal(1.76, 0.06) if label.gender is Gender.MALE else rng.normal(1.64, 0.055)
    height_m = float(np.clip(min(adult_m, 0.82 + 0.058 * label.age_years), 0.95, 1.95))
    pace = rng.uniform(1.0, 1.45) * (0.85 if label.age_years > 65 else 1.0)
    pauses = rng.random() < PAUSE_SHARE
    return Walker(
        id=number,
        person="",
        face=face,
        gender=label.gender,
        age_years=label.age_years,
        route=route,
        starts_at_s=starts_at_s,
        speed_m_s=float(pace),
        height_m=height_m,
        points=(),
        pause_at=float(rng.uniform(0.35, 0.7)),
        pause_s=float(rng.uniform(1.0, 3.0)) if pauses else 0.0,
        phase=float(rng.random()),
        look_seed=int(rng.integers(2**31)),
    )


def _beside(leader: Walker, walker: Walker) -> Walker:
    """Return `walker` walking at the side of `leader`, as couples and families do."""
    sideways = leader.route in (Route.LEFTWARDS, Route.RIGHTWARDS)
    dx, dz = (0.25, 0.75) if sideways else (0.68 if leader.route is Route.FROM_MALL else -0.68, 0.25)
    return replace(
        walker,
        route=leader.route,
        starts_at_s=leader.starts_at_s + 0.15,
        speed_m_s=leader.speed_m_s,
        points=tuple((x + dx, min(z + dz, BACK_WALL_M - 0.2)) for x, z in leader.points),
        pause_at=leader.pause_at,
        pause_s=leader.pause_s,
    )


def _spaced(walker: Walker, others: Sequence[Walker], camera: Camera, rng: np.random.Generator) -> Walker:
    """Return `walker` on the one of a few random paths that keeps the most distance from everybody planned so far."""
    best, best_m = walker, -1.0
    for _ in range(CANDIDATE_PATHS):
        candidate = replace(walker, points=_path(walker.route, camera, rng))
        apart_m = _least_distance_m(candidate, others)
        if apart_m > best_m:
            best, best_m = candidate, apart_m
        if best_m > COMFORT_M:
            break
    return best


def _least_distance_m(walker: Walker, others: Sequence[Walker]) -> float:
    least = math.inf
    near = [other for other in others if other.ends_at_s > walker.starts_at_s and other.starts_at_s < walker.ends_at_s]
    for at_s in np.arange(walker.starts_at_s, walker.ends_at_s, 0.25):
        here = walker.position(float(at_s))
        for other in near:
            there = other.position(float(at_s))
            if here is not None and there is not None:
                least = min(least, math.hypot(here[0] - there[0], here[1] - there[1]))
    return least


def _path(route: Route, camera: Camera, rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """Return three control points (x, z); every facing route crosses the middle of the picture."""
    far, near = BACK_WALL_M - 0.4, 1.7
    if route is Route.FROM_DOORS:
        first, last = (rng.uniform(0.8, 2.8), far), (rng.uniform(-1.5, -0.6), near)
    elif route is Route.FROM_MALL:
        first, last = (rng.uniform(-3.0, -1.2), far), (rng.uniform(0.6, 1.5), near)
    elif route is Route.AWAY:
        goal = rng.uniform(0.8, 2.8) if rng.random() < 0.5 else rng.uniform(-3.0, -1.2)
        first, last = (rng.uniform(-1.2, 1.2), near), (goal, far)
    else:
        side = 1.0 if route is Route.LEFTWARDS else -1.0
        depth, drift = rng.uniform(3.8, 6.0), rng.uniform(-0.4, 0.4)
        reach = camera.x_at_edge(depth + abs(drift)) + 0.5
        first, last = (side * reach, depth + drift), (-side * reach, depth - drift)
    middle = ((first[0] + last[0]) / 2 + rng.uniform(-0.3, 0.3), (first[1] + last[1]) / 2 + rng.uniform(-0.4, 0.4))
    return (first[0], first[1]), middle, (last[0], last[1])
