"""The faults of a run of the suite, and what came of each."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

NOT_SEEN = "not reached"


@dataclass
class Fault:
    """One fault, and what came of it."""

    kind: str
    what: str
    readers: str = NOT_SEEN  # which night they saw after it
    answer: str = NOT_SEEN  # how the run that met it ended, or what the next one found
    end: str = NOT_SEEN  # the tables of the night, once it was over
    seconds: float = 0.0


@dataclass
class Faults:
    """Those met so far."""

    met: list[Fault] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def meet(self, kind: str, what: str) -> Iterator[Fault]:
        """A fault; a failure within the block is its end."""
        fault, started = Fault(kind, what), time.monotonic()
        self.met.append(fault)
        try:
            yield fault
        except BaseException as error:
            fault.end = f"FAILED: {str(error).splitlines()[0][:150] if str(error) else type(error).__name__}"
            raise
        finally:
            fault.seconds = round(time.monotonic() - started, 1)

    @property
    def kept(self) -> list[Fault]:
        """Those after which the promise was kept, from what readers saw to the last row."""
        return [fault for fault in self.met if fault.end == "same rows" and fault.readers != NOT_SEEN]

    @property
    def minutes(self) -> float:
        """Since the suite began."""
        return (time.monotonic() - self.started) / 60

    def table(self) -> str:
        """In Markdown, a row per fault."""
        head = "| fault | readers then see | answer | tables at the end | s |\n|---|---|---|---|--:|\n"
        parts = []
        for kind in dict.fromkeys(fault.kind for fault in self.met):
            rows = [fault for fault in self.met if fault.kind == kind]
            lines = (f"| {one.what} | {one.readers} | {one.answer} | {one.end} | {one.seconds:.0f} |\n" for one in rows)
            parts.append(f"### {kind}\n\n{head}{''.join(lines)}")
        return "\n".join(parts)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(fault) for fault in self.met], indent=2))


def publish(page: Path, text: str) -> None:
    """The text stands between the page's marks."""
    marked = re.compile("(<!-- outcomes -->\n).*(<!-- /outcomes -->)", re.DOTALL)
    old = page.read_text()
    assert marked.search(old)
    page.write_text(marked.sub(lambda found: f"{found[1]}{text}{found[2]}", old))
