"""Kernel: the page of the documentation on what the ways of making lists cost, with its picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.grids import markdown
from benchmarks.page import facts
from benchmarks.stored import stored

Row = Mapping[str, Any]

COLUMNS = (
    "setting", "value", "loss by score", "loss by key", "right", "Gini@10", "coverage@10", "unlike", "full lists",
    "empty lists", "rows left out",
)  # fmt: skip
_GOAL = (0.4, 2.0)  # Gini@10, loss of nDCG@10 in %
_HEAD = """# Lists, and what each way of making them costs

`make bench-lists` writes this page from finished nights. Each setting is turned up by itself, all others off; value 0
is the order of scores under the caps alone.

- *loss by score*: of nDCG@10, the score being the relevance, against value 0; below 0 it is a gain. *Loss by key*: the
  same where what is right is known: on the sample a posting of the member's own occupation counts 2 and of a related
  one 1, on the job board one that the person viewed counts 1. *Right*: share of rows that are right in any degree.
- *Gini@10*, *coverage@10*: over the postings that anybody was matched with, by the lists that hold them.
- *unlike*: mean of 1 - cosine over the pairs of a list.
- *full*, *empty lists*: shares of the members with a match; *rows left out*: fewer rows than at value 0."""


def publish(results: Path, docs: Path, envs: Sequence[str]) -> Path:
    """The page, written from the results that there are."""
    found = {env: measured for env in envs if (measured := stored(results, f"lists-{env}"))}
    parts = [_HEAD, "![loss by Gini](plots/lists-exposure.svg)"]
    for env, measured in found.items():
        parts += [f"## {env}", facts(measured.machine), markdown(COLUMNS, [cells(row) for row in measured.rows])]
    plot({env: measured.rows for env, measured in found.items()}, docs / "plots" / "lists-exposure.svg")
    page = docs / "lists-benchmark.md"
    page.write_text("\n\n".join(parts) + "\n")
    return page


def cells(row: Row) -> list[str]:
    """Figures of one value of one setting under `COLUMNS`.

    >>> figures = {"score_dcg_loss": 0.01, "true_dcg_loss": None, "right": None, "gini": 0.5, "coverage": 1.0}
    >>> more = {"unlike": 0.25, "full": 1.0, "empty": 0.0, "rows_left_out": 12.0}
    >>> cells({"setting": "x", "value": 0.1, **figures, **more})
    ['x', '0.1', '1.00%', '', '', '0.500', '100.0%', '0.250', '100.0%', '0.0%', '12']
    """
    forms = (
        ("score_dcg_loss", ".2%"), ("true_dcg_loss", ".2%"), ("right", ".1%"), ("gini", ".3f"), ("coverage", ".1%"),
        ("unlike", ".3f"), ("full", ".1%"), ("empty", ".1%"), ("rows_left_out", ",.0f"),
    )  # fmt: skip
    told = ["" if row[name] is None else format(row[name], form) for name, form in forms]
    return [str(row["setting"]), f"{row['value']:g}", *told]


def plot(curves: Mapping[str, Sequence[Row]], target: Path) -> None:
    """`target`, an SVG: what evenness costs."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "nightmatch", "font.size": 9}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        for env, rows in curves.items():
            shared = [row for row in rows if row["setting"] == "exposure.strength"]
            points = [(row["gini"], 100 * row["score_dcg_loss"]) for row in shared]
            axes.plot(*zip(*points, strict=True), marker="o", label=env)
            for row, point in zip(shared, points, strict=True):
                axes.annotate(f"{row['value']:g}", point, (5, 4), textcoords="offset points")
        axes.axvline(_GOAL[0], color="tab:gray", linestyle=":")
        axes.axhline(_GOAL[1], color="tab:gray", linestyle=":")
        axes.set_xlabel("Gini@10, 0 is even; numbers are ranking.exposure.strength")
        axes.set_ylabel("loss of nDCG@10 by score, %")
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="svg", metadata={"Date": None})
