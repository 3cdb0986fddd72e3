"""Kernel: a night's figures as a table to read."""

from collections.abc import Sequence

from rich.table import Table as Grid

from pipelines.evaluation.figures import ALL
from pipelines.evaluation.night_figures import NightFigure


def night_grids(figures: Sequence[NightFigure], *, title: str, shown: str) -> list[Grid]:
    """A row per figure and method, with the night's lead over it: all figures of all members, then `shown` by slice.

    A lead has a star where its interval leaves 0 out.

    Args:
        figures: of one night and answer key.
        title: above the first grid.
        shown: the metric that is shown of every slice.
    """
    whole = [figure for figure in figures if figure.slice == ALL]
    parts = [figure for figure in figures if figure.slice != ALL]
    by_slice = [figure for figure in parts if figure.name == shown]
    rest = [figure for figure in parts if not _has_interval(figure)]
    grids = [_grid(title, whole, first="metric"), _grid(f"{shown} by slice", by_slice, first="slice")]
    return [*grids, _grid("all members of the night", rest, first="metric")]


def _grid(title: str, figures: Sequence[NightFigure], *, first: str) -> Grid:
    grid = Grid(first, "method", "value", "95 % interval", "night's lead", "members", title=title)
    leads = {(one.slice, one.name, one.against): one for one in figures if one.against is not None}
    told = [one for one in figures if one.against is None]
    groups: dict[str, list[NightFigure]] = {}
    for one in told:
        groups.setdefault(one.slice if first == "slice" else one.name, []).append(one)
    for name, group in groups.items():
        for at, one in enumerate(group):
            lead = leads.get((one.slice, one.name, one.method))
            cells = (f"{one.value:.4f}", _between(one), _lead(lead), f"{one.members:,}")
            grid.add_row(name if at == 0 else "", one.method, *cells, end_section=one is group[-1])
    return grid


def _has_interval(figure: NightFigure) -> bool:
    return figure.low is not None


def _between(figure: NightFigure) -> str:
    return f"{figure.low:.4f} to {figure.high:.4f}" if _has_interval(figure) else ""


def _lead(figure: NightFigure | None) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return ""
    star = "" if figure.low <= 0 <= figure.high else " *"
    return f"{figure.value:+.4f} ({figure.low:+.4f} to {figure.high:+.4f}){star}"
