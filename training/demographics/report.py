"""The evaluation report: every table of the model card, in one run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from inference.attributes import load_attributes
from inference.session import OnnxModel, Tensor
from training.demographics import evaluate, metrics
from training.demographics.evaluate import EvaluationFaces, Judge
from training.demographics.teach import TEACHER_SIZE_PX, peer_input
from training.demographics.wild import WildFaces, wild_table
from training.detector.decode import OnnxFaces


@dataclass(frozen=True, slots=True)
class _Competitor:
    """One model of the tables: how it judges, the size in pixels it wants faces aligned at, what it is timed with."""

    name: str
    model: OnnxModel
    judge: Judge
    size_px: int
    timed_with: Tensor


def evaluation_report(
    model_path: Path, faces: EvaluationFaces, peer: Path | None, detector: OnnxFaces | None, wild: WildFaces | None
) -> str:
    """Return the report on `model_path` as Markdown; `peer` is judged on the same faces, `detector` finds them.

    `wild` are other faces, whose gender alone is known; their table is left out without them.
    """
    network, model = OnnxModel(model_path), load_attributes(model_path)
    size_px = model.input_size
    own = _Competitor(network.version, network, evaluate.judge_with(model), size_px, evaluate.speed_faces(size_px))
    competitors = [own]
    if peer is not None:
        opponent = OnnxModel(peer)
        judge = evaluate.judge_with_peer(opponent)
        timed_with = peer_input(evaluate.speed_faces(TEACHER_SIZE_PX))
        competitors.append(_Competitor(f"peer {peer.stem}", opponent, judge, TEACHER_SIZE_PX, timed_with))
    said = own.judge(faces.images)
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}, `{model_path.name}`, {len(faces.images)} faces.",
        "### Figures",
        _figures(faces, competitors, detector),
        "### Who is judged worse",
        evaluate.people_table(faces.truth, said),
        *_in_the_wild(wild, competitors),
        "### Calibration",
        evaluate.calibration_table(faces.truth, said, network),
        "### Speed",
        _speeds(competitors),
    ]
    return "\n\n".join(parts)


def _speeds(competitors: list[_Competitor]) -> str:
    speeds = evaluate.faces_per_second({one.name: (one.model, one.timed_with) for one in competitors})
    said = ", ".join(f"{name} {speed:.0f}" for name, speed in speeds.items())
    return f"Faces/s at batch {evaluate.SPEED_BATCH}, one thread, by processor time: {said}."


def _in_the_wild(wild: WildFaces | None, competitors: list[_Competitor]) -> list[str]:
    if wild is None:
        return []
    return ["### Adults in press photographs", wild_table(wild, {one.name: one.judge for one in competitors})]


def _figures(faces: EvaluationFaces, competitors: list[_Competitor], detector: OnnxFaces | None) -> str:
    rows = [(f"{one.name}, ready crops", metrics.score(faces.truth, one.judge(faces.images))) for one in competitors]
    note = ""
    if detector is not None:
        landmarks = evaluate.find_landmarks(faces, detector)
        for one in competitors:
            aligned = evaluate.align_found(faces, landmarks, one.size_px)
            rows.append((f"{one.name}, found and aligned", metrics.score(aligned.truth, one.judge(aligned.images))))
        missed = sum(points is None for points in landmarks)
        note = f"\n\nFound and aligned by {detector.version}, which missed {missed} of {len(faces.images)} crops."
    for size_px in evaluate.FACE_SIZES_PX:
        distant = evaluate.as_distant(faces.images, size_px)
        rows += [(f"{one.name}, {size_px} px", metrics.score(faces.truth, one.judge(distant))) for one in competitors]
    return evaluate.figures_table(rows) + note
