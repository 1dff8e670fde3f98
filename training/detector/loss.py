"""Which cells answer for which face, and what a wrong answer costs.

Assignment: SimOTA (Ge et al., YOLOX, 2021). Score: quality focal loss (Li et al. 2020) with the root of the overlap as
target, for small faces, whose boxes are never exact, would else rank below false alarms (YuNet's score is a root too).
Boxes: EIoU (Zhang et al. 2021) as YuNet uses it. Landmarks: smooth L1 in face sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.detector.network import decode_boxes, decode_landmarks

CANDIDATES_PER_FACE = 10
CENTRE_RADIUS_STRIDES = 1.5
IOU_COST = 3.0
OUTSIDE_COST = 1e5
FOCUS = 2.0
SCORE_WEIGHT = 2.0
BOX_WEIGHT = 2.0
TAUGHT_SCORE = 0.3  # from which the teacher's box of a cell that no label took is learnt
LANDMARK_WEIGHT = 5.0
LANDMARK_SIDE_PX = 24.0  # smaller faces, whose landmarks nobody uses, count less, larger ones up to half more
LANDMARK_BETA = 0.02  # in face sizes: farther off, the loss is straight


@dataclass(frozen=True, slots=True)
class Targets:
    """Padded labels of a batch: boxes (B, M, 4), landmarks (B, M, 5, 2) with NaN, valid (B, M), ignored (B, K, 4).

    `taught` is what a teacher says in each cell: scores (B, A) and boxes (B, A, 4).
    """

    boxes: Tensor
    landmarks: Tensor
    valid: Tensor
    ignored: Tensor
    taught: tuple[Tensor, Tensor] | None = None


def pairwise_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the overlap (B, M, A) of boxes (B, M, 4) and (B, A, 4)."""
    left, top, right, bottom = (side[:, :, None] for side in first.unbind(dim=-1))
    other_left, other_top, other_right, other_bottom = (side[:, None] for side in second.unbind(dim=-1))
    width = (torch.minimum(right, other_right) - torch.maximum(left, other_left)).clamp_(min=0)
    height = (torch.minimum(bottom, other_bottom) - torch.maximum(top, other_top)).clamp_(min=0)
    shared = width.mul_(height)
    area = (right - left) * (bottom - top) + (other_right - other_left) * (other_bottom - other_top)
    return shared / area.sub_(shared).clamp_(min=1e-6)


def contains(boxes: Tensor, points: Tensor) -> Tensor:
    """Say (B, M, A) which of the points (A, 2) lie in which of the boxes (B, M, 4)."""
    left, top, right, bottom = (side[:, :, None] for side in boxes.unbind(dim=-1))
    x, y = points[:, 0], points[:, 1]
    return (x > left) & (x < right) & (y > top) & (y < bottom)


@torch.no_grad()
def assign(logits: Tensor, boxes: Tensor, grid: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
    """Choose the cells of each face by SimOTA: the face index (B, A), -1 for none, and the overlap (B, A)."""
    if targets.boxes.shape[1] == 0:
        nothing = torch.full(logits.shape, -1, dtype=torch.long)
        return nothing, torch.zeros_like(logits)
    stride = grid[:, 2]
    points = (grid[:, :2] + 0.5) * grid[:, 2:]
    inside = contains(targets.boxes, points)
    middle = (targets.boxes[..., :2] + targets.boxes[..., 2:])[:, :, None] / 2
    reach = CENTRE_RADIUS_STRIDES * stride
    near = ((points[:, 0] - middle[..., 0]).abs() < reach) & ((points[:, 1] - middle[..., 1]).abs() < reach)
    allowed = (inside | near) & targets.valid[:, :, None]
    overlap = pairwise_iou(targets.boxes, boxes) * allowed
    score_cost = functional.softplus(-logits)[:, None]  # cross-entropy against "this is a face"
    cost = score_cost - IOU_COST * torch.log(overlap + 1e-7)
    cost += torch.where(inside & near, 0.0, torch.where(allowed, OUTSIDE_COST, torch.inf))
    count = min(CANDIDATES_PER_FACE, cost.shape[2])
    wanted = overlap.topk(count, dim=2).values.sum(dim=2).int().clamp(min=1)
    order = cost.topk(count, dim=2, largest=False)
    taken = (torch.arange(count) < wanted[..., None]) & order.values.isfinite()
    chosen = torch.zeros_like(cost, dtype=torch.bool).scatter_(2, order.indices, taken)
    best = torch.where(chosen, cost, torch.inf).min(dim=1)
    owner = torch.where(best.values.isfinite(), best.indices, -1)
    own_overlap = overlap.gather(1, best.indices[:, None]).squeeze(1)
    return owner, torch.where(owner >= 0, own_overlap, 0.0)


def eiou_loss(predicted: Tensor, wanted: Tensor) -> Tensor:
    """Return 1 - EIoU of paired boxes (N, 4): overlap, centre distance, and differences of width and height."""
    low = torch.maximum(predicted[:, :2], wanted[:, :2])
    high = torch.minimum(predicted[:, 2:], wanted[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    extent, goal = predicted[:, 2:] - predicted[:, :2], wanted[:, 2:] - wanted[:, :2]
    iou = shared / (extent.prod(dim=-1) + goal.prod(dim=-1) - shared).clamp(min=1e-6)
    hull = torch.maximum(predicted[:, 2:], wanted[:, 2:]) - torch.minimum(predicted[:, :2], wanted[:, :2])
    hull = hull.clamp(min=1e-3)
    apart = (predicted[:, :2] + predicted[:, 2:] - wanted[:, :2] - wanted[:, 2:]) / 2
    centre = apart.square().sum(dim=-1) / hull.square().sum(dim=-1)
    shape = ((extent - goal).square() / hull.square()).sum(dim=-1)
    return 1 - iou + centre + shape


def detection_loss(raw: Tensor, grid: Tensor, targets: Targets) -> dict[str, Tensor]:
    """Return the weighted parts `score`, `box` and `landmark` for raw predictions (B, A, 15)."""
    boxes = decode_boxes(raw, grid)
    logits = raw[..., 0]
    owner, overlap = assign(logits, boxes.detach(), grid, targets)
    positive = owner >= 0
    count = positive.sum().clamp(min=1)
    points = (grid[:, :2] + 0.5) * grid[:, 2:]
    skipped = ~positive & contains(targets.ignored, points).any(dim=1)
    quality = overlap.sqrt()
    if targets.taught is not None:
        quality = torch.maximum(quality, targets.taught[0])
    focus = (quality - logits.sigmoid()).abs().pow(FOCUS)
    score = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none") * focus
    parts = {"score": SCORE_WEIGHT * (score * ~skipped).sum() / count}
    batch, cell = positive.nonzero(as_tuple=True)
    face = owner[batch, cell]
    wanted = targets.boxes[batch, face]
    parts["box"] = BOX_WEIGHT * eiou_loss(boxes[batch, cell], wanted).sum() / count
    if targets.taught is not None:
        trust, taught_boxes = targets.taught
        alone = ~positive & (trust >= TAUGHT_SCORE)
        away = eiou_loss(boxes[alone], taught_boxes[alone])
        parts["box"] = parts["box"] + BOX_WEIGHT * (trust[alone] * away).sum() / count
    goal = targets.landmarks[batch, face]
    known = goal.isfinite().all(dim=-1).all(dim=-1)
    size = (wanted[known, 2:] - wanted[known, :2]).prod(dim=-1).sqrt()[:, None, None]
    found = decode_landmarks(raw, grid)[batch, cell][known]
    error = functional.smooth_l1_loss(found / size, goal[known] / size, beta=LANDMARK_BETA, reduction="none")
    weight = (size / LANDMARK_SIDE_PX).clamp(0.25, 1.5)
    parts["landmark"] = LANDMARK_WEIGHT * (error * weight).sum() / (10 * count)
    return parts
