"""Kernel: pictures of what was measured."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.grids import Row, fastest_first

_INCHES = (9.0, 0.32)  # width, and height of an engine's line


def plot_rates(rows: Sequence[Row], workload: str, target: Path) -> None:
    """`target`, an SVG: members per second and recall of each engine that searched all postings."""
    import matplotlib
    from matplotlib.figure import Figure

    ended = [row for row in fastest_first(rows, workload) if row["members_per_s"]]
    most = max((row["postings"] for row in ended), default=0)
    shown = [row for row in ended if row["postings"] == most][::-1]
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "nightmatch", "font.size": 9}):
        figure = Figure(figsize=(_INCHES[0], 1 + _INCHES[1] * len(shown)), layout="constrained")
        axes = figure.subplots()
        colours = ["tab:blue" if row["engine"].startswith("nightmatch") else "tab:gray" for row in shown]
        axes.scatter([row["members_per_s"] for row in shown], [row["engine"] for row in shown], c=colours)
        for place, row in enumerate(shown):
            told = f"{row['members_per_s']:,.0f}, recall {row['recall']:.3f}"
            axes.annotate(told, (row["members_per_s"], place), (7, 0), textcoords="offset points", va="center")
        axes.set_xscale("log")
        axes.margins(x=0.3)
        axes.grid(axis="x", alpha=0.3)
        axes.set_xlabel(f"members per second, {most:,} postings; logarithmic")
        axes.spines[["top", "right"]].set_visible(False)
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="svg", metadata={"Date": None})
