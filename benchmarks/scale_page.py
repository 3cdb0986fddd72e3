"""Kernel: the tables of docs/scale.md: what the planner says of the design point, and how far it is to be trusted."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table as Grid

from benchmarks.grids import markdown
from pipelines.config import load_config
from pipelines.planning.config import checked
from pipelines.planning.constants import Constants
from pipelines.planning.fit import Check
from pipelines.planning.plan import plan
from pipelines.planning.report import STAGE_COLUMNS, need_rows, stage_rows

GOAL = 0.25  # of a night's measured seconds
DESIGN = {"members": 100_000_000, "postings": 10_000_000, "dimension": 256, "matches": 100, "recommendations": 10}

_CHECK_COLUMNS = ("night", "measured, s", "predicted, s", "error", "goal", "largest errors of stages", "fitted to")
_CONSTANT_COLUMNS = ("stage", "fixed, s", "efficiency", "seconds of one core for a million of each")
_APART = ("multiply_adds", "pairs", "index_bytes", "files")  # told in words

_CONF = Path(__file__).parents[1] / "conf"


def check_rows(checks: Sequence[Check]) -> list[list[str]]:
    """A row per check, in the columns of the grid."""
    return [
        [
            check.night,
            f"{sum(check.measured_s.values()):,.0f}",
            f"{sum(check.predicted_s.values()):,.0f}",
            f"{check.error:+.0%}",
            "met" if abs(check.error) <= GOAL else "MISSED",
            _largest_errors(check),
            "; ".join(check.fitted_to),
        ]
        for check in checks
    ]


def check_grid(checks: Sequence[Check]) -> Grid:
    """The checks as a table for a terminal."""
    grid = Grid(*_CHECK_COLUMNS, title=f"predicted and measured; the goal is an error of at most {GOAL:.0%}")
    for row in check_rows(checks):
        grid.add_row(*row)
    return grid


def publish(page: Path, constants: Constants, checks: Sequence[Check]) -> None:
    """The page's marked tables are these constants' and checks'; the text between them stays."""
    retrieval = load_config(_CONF, "sample", {}).retrieval
    exact, fast = (
        plan(checked({**DESIGN, "search": search}), retrieval, constants) for search in ("exact", "configured")
    )
    needs = [
        [name, amount, other[1], told]
        for (name, amount, told), other in zip(need_rows(fast), need_rows(exact), strict=True)
    ]
    blocks = {
        "stages": markdown(STAGE_COLUMNS, stage_rows(fast)),
        "needs": markdown(["", "fast search", "exact search", "of the fast"], needs),
        "constants": markdown(_CONSTANT_COLUMNS, constant_rows(constants)),
        "checks": markdown(_CHECK_COLUMNS[:-1], [row[:-1] for row in check_rows(checks)]),
        "machine": machine_words(constants),
    }
    page.write_text(filled(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")


def filled(text: str, blocks: Mapping[str, str]) -> str:
    r"""The text with what lies between each pair of marks replaced.

    >>> filled("a\n<!-- x -->\nold\n<!-- /x -->\nb", {"x": "new"})
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb'

    Raises:
        ValueError: the text lacks a mark.
    """
    for name, block in blocks.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"no mark {name} in the page")
        text = pattern.sub(lambda match, block=block: f"{match[1]}{block}\n{match[2].lstrip()}", text)  # type: ignore[misc]
    return text


def constant_rows(constants: Constants) -> list[list[str]]:
    """A row per stage, of what was fitted."""
    return [
        [
            name,
            f"{stage.fixed_s:.1f}",
            f"{stage.efficiency:.2f}",
            ", ".join(
                f"{count.replace('_', ' ')} {seconds * 1e6:.3g}"
                for count, seconds in stage.core_s.items()
                if count not in _APART
            ),
        ]
        for name, stage in constants.stages.items()
    ]


def machine_words(constants: Constants) -> str:
    """What the constants were measured on, and those that need no night, in usual units."""
    match, file_s = constants.stages["match"].core_s, constants.stages["publish"].core_s["files"]
    product_s = match["multiply_adds"] * DESIGN["dimension"]
    return (
        f"Measured {constants.measured_on} on {constants.machine}, nights of {'; '.join(constants.nights)} (members x "
        f"postings). One core multiplies at {2e-9 / match['multiply_adds']:,.0f} GFLOP/s; a pair of 256 dimensions "
        f"takes {product_s * 1e9:.2f} ns, and {match['pairs'] * 1e9:.2f} ns more to be compared. The driver hashes "
        f"{1e-9 / match['index_bytes']:.1f} GB/s and takes {file_s * 1e3:.1f} ms for the footers of a local file."
    )


def _largest_errors(check: Check) -> str:
    """The stages that are most seconds off."""
    off = {name: check.predicted_s.get(name, 0.0) - seconds for name, seconds in check.measured_s.items()}
    worst = sorted(off, key=lambda name: -abs(off[name]))[:3]
    return ", ".join(f"{name} {off[name]:+,.1f} s of {check.measured_s[name]:,.1f}" for name in worst)
