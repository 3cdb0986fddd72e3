"""Kernel: how a log line is written: as text for a person, as JSON for a machine, with run and stage as fields."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from pipelines.characters import shown

_FIELDS: dict[str, object] = {}  # of the process, which does one run: threads of a stage tell of it as well
_JSON = JsonFormatter("{levelname}{message}", style="{", rename_fields={"levelname": "level"}, timestamp="time")


class _Text(logging.Formatter):
    """Whatever a message quotes, it moves no cursor, and no line of it but the first looks like one of the log."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record)).replace("\n", "\n  ")


_TEXT = _Text("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")


class _Named(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _FIELDS.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


def log_handler(stream: TextIO) -> logging.Handler:
    """Writes to `stream`: text where it is a terminal, else a JSON object a line.

    An object has `time` (ISO 8601, UTC), `level`, `message`, what `name_run` and `stage_named` say, and the `extra`.
    """
    handler = logging.StreamHandler(stream)
    handler.addFilter(_Named())
    handler.setFormatter(_TEXT if stream.isatty() else _JSON)
    return handler


def name_run(**fields: str) -> None:
    """Lines from now on carry these fields, of whatever run was named before none."""
    _FIELDS.clear()
    _FIELDS.update(fields)


@contextmanager
def stage_named(stage: str) -> Iterator[None]:
    """Lines of the block carry the stage."""
    _FIELDS["stage"] = stage
    try:
        yield
    finally:
        _FIELDS.pop("stage", None)
