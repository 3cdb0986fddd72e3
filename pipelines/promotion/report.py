"""Kernel: a promotion as JSON and as one HTML page that needs no other file."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from pipelines.evaluation.figures import ALL
from pipelines.night import Night
from pipelines.promotion.comparison import GATED, Comparison
from pipelines.promotion.gates import Findings
from pipelines.quality.gate import QualityResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INCHES_A_ROW = 0.3


def report_json(found: Findings, gates: Sequence[QualityResult], night: Night) -> dict[str, object]:
    """Everything that was measured, but for the single lists' overlaps."""
    measured = asdict(found) | {"overlaps": len(found.overlaps), "overlap": found.overlap}
    stamp = {"run_date": night.run_date.isoformat(), "run_id": night.run_id}
    return stamp | {"gates": [asdict(gate) for gate in gates]} | measured


def report_html(found: Findings, gates: Sequence[QualityResult], night: Night) -> str:
    """The page; whatever it shows is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["number"] = _number
    page = environment.from_string(files("pipelines.promotion").joinpath("report.html").read_text(encoding="utf-8"))
    plots = {"differences": _differences(found.comparisons), "overlaps": _overlaps(found.overlaps)}
    refused = sum(not gate.passed for gate in gates)
    return page.render(found=found, gates=gates, night=night, plots=plots, refused=refused)


def _number(value: float | None) -> str:
    """Four decimals.

    >>> _number(0.5), _number(None)
    ('0.5000', 'unknown')
    """
    return "unknown" if value is None else f"{value:.4f}"


def _differences(comparisons: Sequence[Comparison]) -> str:
    """Base64 of a PNG: each set and slice with its difference and interval."""
    from matplotlib.figure import Figure

    rows = [one for one in comparisons if one.metric == GATED][::-1]
    figure = Figure(figsize=(8, 1 + _INCHES_A_ROW * max(1, len(rows))), layout="constrained")
    axes = figure.subplots()
    for place, one in enumerate(rows):
        colour = "black" if one.slice == ALL else "tab:blue"
        axes.plot([one.low, one.high], [place, place], color=colour)
        axes.plot([one.difference], [place], "o", color=colour)
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(
        range(len(rows)), [f"{one.dataset}: {one.slice} ({one.queries})".replace("$", r"\$") for one in rows]
    )
    axes.set_xlabel("difference in nDCG@10, challenger minus champion")
    return _png(figure)


def _overlaps(overlaps: Sequence[float]) -> str:
    """Base64 of a PNG: how many members keep how much of their list."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 2.5), layout="constrained")
    axes = figure.subplots()
    axes.hist(overlaps, bins=[(2 * tenth - 1) / 20 for tenth in range(12)])
    axes.set_xlabel("share of the champion's first ten that stays")
    axes.set_ylabel("members")
    return _png(figure)


def _png(figure: "Figure") -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return base64.b64encode(buffer.getvalue()).decode()
