"""Markdown tables of studies: what was run here, the documents' numbers and the built-in network beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training.studies.config import StudyConfig
from training.studies.study import StudyResult

# Published by the client's source documents, on their own splits of UTKFace, as shares or years.
DOCUMENTS: Mapping[str, tuple[str, float]] = {
    "base-10-years-grey": ("age_accuracy", 0.3868),
    "base-10-years-colour": ("age_accuracy", 0.4540),
    "base-balanced-grey": ("age_accuracy", 0.4452),
    "base-balanced-colour": ("age_accuracy", 0.4589),
    "base-intuition-grey": ("age_accuracy", 0.5456),
    "base-intuition-colour": ("age_accuracy", 0.6231),
    "vgg16-10-years": ("age_accuracy", 0.5160),
    "vgg16-balanced": ("age_accuracy", 0.5235),
    "vgg16-intuition": ("age_accuracy", 0.7005),
    "vgg16-intuition-tuned": ("age_accuracy", 0.7434),
    "gender": ("gender_accuracy", 0.85),
    "vgg16-regression-18-50": ("mae_years", 5.83),
    "resnet50-regression-18-50": ("mae_years", 7.56),
    "vgg16-gender": ("gender_accuracy", 0.6512),
    "resnet50-gender": ("gender_accuracy", 0.5939),
}
MEASURES = {"age_accuracy": "age accuracy", "mae_years": "age error", "gender_accuracy": "gender accuracy"}


def study_table(results: Sequence[StudyResult], built_in: Mapping[str, Mapping[str, float]]) -> str:
    """Return one row a run. `built_in` gives the built-in network's scores on the same test faces by run name."""
    lines = [
        "| run | network | age classes | input | weights | epochs | measure | here | documents | built-in |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        config = result.config
        kind = f"{config.input_px} px {'colour' if config.colour else 'grey'}"
        weights = f"{result.parameters / 1e6:.2f} M{'' if config.pretrained else ', from random'}"
        for measure in _measures(config):
            ours = built_in.get(config.name, {}).get(measure)
            cells = [
                config.name,
                config.network,
                _classes(config),
                kind,
                weights,
                str(result.epochs),
                MEASURES[measure],
            ]
            cells += (
                show(result.scores[measure], measure),
                _documents(config, measure),
                "–" if ours is None else show(ours, measure),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def built_in_table(configs: Sequence[StudyConfig], built_in: Mapping[str, Mapping[str, float]]) -> str:
    """Return one row a run and measure: the documents' number and the built-in network's, whatever was run here."""
    lines = ["| run | age classes | measure | documents | built-in |", "| --- | --- | --- | --- | --- |"]
    for config in configs:
        for measure in _measures(config):
            ours = show(built_in[config.name][measure], measure)
            cells = (config.name, _classes(config), MEASURES[measure], _documents(config, measure), ours)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _measures(config: StudyConfig) -> list[str]:
    """Return what the runs of `config` are compared by."""
    age = [] if config.task == "gender" else ["mae_years" if config.regression else "age_accuracy"]
    return age + ([] if config.task == "age" else ["gender_accuracy"])


def _documents(config: StudyConfig, measure: str) -> str:
    """Return the documents' number for a run, a dash where they give none."""
    name, value = DOCUMENTS.get(config.name, ("", 0.0))
    return show(value, measure) if name == measure else "–"


def _classes(config: StudyConfig) -> str:
    return "–" if config.task == "gender" else config.binning


def show(value: float, measure: str) -> str:
    """Return a figure as a reader wants it: years with two decimals, shares as per cent."""
    return f"{value:.2f} years" if measure == "mae_years" else f"{100 * value:.2f} %"


def group_table(groups: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the scores of each group of each split, as `score_by_group` gives them."""
    lines = []
    for split, rows in groups.items():
        measures = sorted({name for scores in rows.values() for name in scores} - {"faces"})
        lines += [f"| {split} | faces | {' | '.join(name.replace('_', ' ') for name in measures)} |"]
        lines += ["| --- |" + " --- |" * (len(measures) + 1)]
        for name, scores in rows.items():
            shown = [show(scores[m], m) if m in scores else "–" for m in measures]
            lines.append(f"| {name} | {scores['faces']:.0f} | {' | '.join(shown)} |")
        lines.append("")
    return "\n".join(lines)
