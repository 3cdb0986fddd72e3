"""Kernel: the page of the documentation that tells what was measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.grids import ENGINE_COLUMNS, FIGURE_COLUMNS, Row, engine_cells, fastest_first, figure_cells, markdown
from benchmarks.plots import plot_rates
from benchmarks.stored import Measured, stored

_HEAD = """# The search, measured

`make bench PUBLISH=1` and `make bench-scaling PUBLISH=1` write this page. All engines search the same arrays: the
shipped student's vectors of texts that the sample's generator writes. Recall is against brute force over 1,000 members,
equal similarities in the order of postings; engines with settings were tuned to a recall on other members."""
_COLUMNS = """- *members/s*: "table to table" is from a Parquet table of members to one of matches.
- *short*: members who got fewer postings than there are for them. *Violations*: pairs that break a rule.
- *pairs/s*: pairs of a member and a posting that the member may take, divided by the time.
- *of peak*: the arithmetic of these pairs, divided by the most that matrix products reach here, for engines that
  multiply all pairs.
- *MiB per worker*: memory that no file backs, of the largest Python worker, or of the process where there is one.
- "(AVX-512 BLAS)": the same engine again with `OPENBLAS_CORETYPE=SkylakeX`."""
_WORKLOADS = {
    "unfiltered": ("Without rules", "Every member may take every posting."),
    "rules": (
        "Under rules",
        "A member searches in one region or, one in twenty, everywhere; the median member may take one posting of 20.",
    ),
}


def publish(results: Path, docs: Path) -> Path:
    """The page, written from the results that there are, with its plots."""
    engines, scaling = stored(results, "retrieval"), stored(results, "scaling")
    parts = [_HEAD]
    if engines:
        parts += ["## Side by side", facts(engines.machine), *sections(engines.rows), _COLUMNS]
        for workload in _WORKLOADS:
            plot_rates(engines.rows, workload, docs / "plots" / f"retrieval-{workload}.svg")
    if scaling:
        parts += ["## Scaling, ours alone", facts(scaling.machine), scaling_table(scaling)]
    page = docs / "retrieval-benchmark.md"
    page.write_text("\n\n".join(parts) + "\n")
    return page


def facts(machine: Mapping[str, str]) -> str:
    """What it was measured on, as a list."""
    return "\n".join(f"- {name}: {value}" for name, value in machine.items())


def sections(rows: Sequence[Row]) -> list[str]:
    """A heading, a plot and a table for each workload."""
    parts = []
    for workload, (title, told) in _WORKLOADS.items():
        ordered = fastest_first(rows, workload)
        k = next((row["k"] for row in ordered if row["k"]), None)
        parts += [
            f"### {title}",
            f"{told} k = {k}.",
            f"![members per second by recall](plots/retrieval-{workload}.svg)",
        ]
        parts.append(markdown(ENGINE_COLUMNS, [engine_cells(row) for row in ordered]))
    return parts


def scaling_table(scaling: Measured) -> str:
    """The figures as a table."""
    return markdown(FIGURE_COLUMNS, [figure_cells(row) for row in scaling.rows])
