"""One section of the configuration: frozen; unknown keys, and numbers that are none or infinite, are refused."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """What every area's configuration is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
