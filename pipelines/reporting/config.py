"""Who is told of a night while it runs; of no consequence for the night."""

from typing import Self
from urllib.parse import urlparse

from pydantic import model_validator

from pipelines.section import Section

RUN_FOLDER = "run"


class TellingConfig(Section):
    """Where events of stages go."""

    openlineage: str  # "": nowhere; "run": a file below the run; else the URL of a server

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.openlineage not in ("", RUN_FOLDER) and urlparse(self.openlineage).scheme not in ("http", "https"):
            raise ValueError(f'openlineage: "", "{RUN_FOLDER}" or the URL of a server is needed')
        return self
