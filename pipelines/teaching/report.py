"""Kernel: how two graders agree, on a person's own screen."""

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from pipelines.teaching.agreement import confusion, largest_disagreements
from pipelines.teaching.graded import Comparison
from pipelines.teaching.teacher import GRADES

_EXAMPLE_CHARS = 300


def print_comparison(console: Console, compared: Comparison, figures: Mapping[str, float], *, examples: int) -> None:
    """The figures, the five grades against each other, and as many of the worst disagreements as asked for.

    Examples are people's texts: nothing but this function shows them, and only when asked.
    """
    grid = Grid("figure", "value", title=escape(f"{compared.name} with {compared.other}"))
    for name, value in figures.items():
        grid.add_row(name, f"{value:.0f}" if name == "pairs" else f"{value:.3f}")
    console.print(grid)
    rows = Grid(escape(f"{compared.name} ↓  {compared.other} →"), *map(str, GRADES))
    for grade, counts in zip(GRADES, confusion(compared.left.grades, compared.right.grades), strict=True):
        rows.add_row(str(grade), *(str(count) for count in counts))
    console.print(rows)
    for place in largest_disagreements(compared.left.grades, compared.right.grades, examples):
        grades = f"{compared.left.grades[place]} against {compared.right.grades[place]}"
        texts = (" ".join(text.split())[:_EXAMPLE_CHARS] for text in compared.pairs[place])
        console.print(escape(f"{grades}\n  member:  {next(texts)}\n  posting: {next(texts)}"))
