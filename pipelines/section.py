"""One section of the configuration: frozen, and unknown keys are refused."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """What every area's configuration is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
