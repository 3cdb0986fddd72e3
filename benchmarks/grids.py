"""Kernel: results as cells, for a terminal and for Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

ENGINE_COLUMNS = (
    "engine", "members/s", "recall", "short", "violations", "of peak", "pairs/s", "MiB per worker", "build s",
    "MiB read", "members", "postings", "note",
)  # fmt: skip
FIGURE_COLUMNS = ("figure", "value", "goal", "note")

Row = Mapping[str, Any]


def engine_cells(row: Row) -> list[str]:
    """A result of one engine under `ENGINE_COLUMNS`.

    >>> engine_cells({"engine": "x", "members_per_s": 1234.5, "recall": 1.0, "bytes_read": 3 << 20, "note": "y"})
    ['x', '1,234', '1.0000', '', '', '', '', '', '', '3', '', '', 'y']
    """
    read = row.get("bytes_read")
    numbers = (
        (row.get("members_per_s"), ",.0f"), (row.get("recall"), ".4f"), (row.get("short_share"), ".1%"),
        (row.get("violations"), ",.0f"), (row.get("share_of_peak"), ".0%"), (row.get("pairs_per_s"), ".1e"),
        (row.get("private_mib_per_worker"), ",.0f"), (row.get("build_s"), ",.1f"),
        (None if read is None else read / 2**20, ",.0f"), (row.get("members"), ",.0f"), (row.get("postings"), ",.0f"),
    )  # fmt: skip
    told = ["" if number is None else format(number, form) for number, form in numbers]
    return [str(row["engine"]), *told, str(row.get("note", ""))]


def figure_cells(row: Row) -> list[str]:
    """A figure under `FIGURE_COLUMNS`, with as many digits as tell something.

    >>> figure_cells({"figure": "time", "value": 1.9871, "unit": "times", "goal": "at most 2.2", "note": ""})
    ['time', '1.987 times', 'at most 2.2', '']
    """
    value = f"{row['value']:,.0f}" if abs(row["value"]) >= 100 else f"{row['value']:.4g}"
    return [
        str(row["figure"]),
        f"{value} {row['unit']}".strip(),
        str(row.get("goal") or ""),
        str(row.get("note") or ""),
    ]


def fastest_first(rows: Sequence[Row], workload: str) -> list[Row]:
    """The results of a workload, those that failed last."""
    return sorted((row for row in rows if row["workload"] == workload), key=lambda row: -(row["members_per_s"] or 0))


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; all columns but the first and the last are numbers.

    >>> print(markdown(["a", "b", "c"], [["x|y", "1", "z"]]))
    | a | b | c |
    |---|--:|---|
    | x/y | 1 | z |
    """
    rule = "|".join(["---", *["--:"] * (len(columns) - 2), "---"])
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |" for cells in (columns, *rows)]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])
