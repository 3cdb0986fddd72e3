"""Kernel: figures as a table to read and as a picture."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table as Grid

from pipelines.evaluation.figures import ALL, Figure
from pipelines.evaluation.retrieval import METRICS

_FIRST = next(iter(METRICS))


def figure_grid(figures: Sequence[Figure]) -> Grid:
    """A row per slice and method of one dataset; the first metric with its interval and that of the difference.

    A difference is to the first method and has a star where its interval leaves 0 out.
    """
    metrics = list(dict.fromkeys(figure.metric for figure in figures))
    grid = Grid("slice", "queries", "method", _FIRST, "difference", *metrics[1:], title=figures[0].dataset)
    by_row: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in figures:
        by_row.setdefault((figure.slice, figure.method), {})[figure.metric] = figure
    for (name, method), row in by_row.items():
        first = row[_FIRST]
        rest = [f"{row[metric].value:.3f}" for metric in metrics[1:]]
        main = f"{first.value:.3f} ({first.low:.3f} to {first.high:.3f})"
        grid.add_row(name, f"{first.queries:,}", method, main, _difference(first), *rest)
    return grid


def draw(figures: Sequence[Figure], path: Path) -> None:
    """A PNG of the first metric of one dataset: a panel for the whole, then each slice, a bar per method."""
    from matplotlib.figure import Figure as Picture  # no window, no global state

    chosen = [figure for figure in figures if figure.metric == _FIRST]
    slices = list(dict.fromkeys(figure.slice for figure in chosen))
    methods = list(dict.fromkeys(figure.method for figure in chosen))
    picture = Picture(figsize=(10, 1 + (0.25 * len(methods) + 0.5) * len(slices)), layout="constrained")
    panels = picture.subplots(len(slices), 1, sharex=True, squeeze=False).ravel()
    for panel, name in zip(panels, slices, strict=True):
        bars = [figure for figure in chosen if figure.slice == name]
        values = [figure.value for figure in bars]
        reach = [[f.value - f.low for f in bars], [f.high - f.value for f in bars]]
        panel.barh(methods, values, xerr=reach, capsize=3, color="tab:blue" if name == ALL else "tab:gray")
        panel.invert_yaxis()
        panel.set_title(f"{name}, {bars[0].queries:,} queries", fontsize="small", loc="left")
        panel.tick_params(labelsize="small")
    panels[-1].set_xlabel(f"{_FIRST}, bootstrap 95 % interval")
    picture.suptitle(figures[0].dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=120, metadata={"Software": None})


def _difference(figure: Figure) -> str:
    gap = figure.difference
    if gap is None:
        return ""
    return f"{gap.low:+.3f} to {gap.high:+.3f}{'' if gap.low <= 0 <= gap.high else ' *'}"
