"""Kernel: the screen that jobs print on, whatever stands in the rows that they show."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from pipelines.characters import shown


class Terminal(Console):
    """A console that is written to as any other; text that it is given has no power over it.

    rich writes escape sequences in text as they are: only its own are to reach the screen.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments, those of text with escapes for what is not seen."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)
