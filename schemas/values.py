"""The values of fields that have few: plain words, without Spark, for whoever reads or checks them."""

from typing import Final

WORK_MODES: Final = ("onsite", "hybrid", "remote")
EMPLOYMENT_TYPES: Final = ("full_time", "part_time", "contract", "temporary", "internship")
SENIORITIES: Final = ("entry", "mid", "senior", "lead", "executive")
STATUSES: Final = ("open", "closed")
