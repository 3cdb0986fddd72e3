"""The whole configuration: `conf/base.toml`, overlaid by `conf/<env>.toml`, checked at once."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from pipelines.distillation.config import DistillationConfig
from pipelines.embedding.config import EmbeddingConfig
from pipelines.evaluation.config import BenchmarkConfig
from pipelines.fairness.config import FairnessConfig
from pipelines.ingest.config import IngestConfig
from pipelines.promotion.config import PromotionConfig
from pipelines.publishing.config import RetentionConfig, SourcesConfig, StorageConfig
from pipelines.quality.config import QualityConfig
from pipelines.ranking.config import RankingConfig
from pipelines.reporting.config import TellingConfig
from pipelines.retrieval.config import RetrievalConfig
from pipelines.sample.config import SampleConfig
from pipelines.searches.config import SearchesConfig
from pipelines.section import Section
from pipelines.teaching.config import TeacherConfig, TeachingConfig
from pipelines.wishes.config import WishesConfig
from schemas import columns as c
from schemas import interactions, members, postings, searches
from schemas.errors import ConfigError, listed

_CANONICAL = {
    "postings": postings.SOURCE.names,
    "members": members.SOURCE.names,
    "interactions": interactions.SOURCE.names,
    "saved_searches": searches.SOURCE.names,
}
_NEEDED = {
    "postings": (c.POSTING_ID, c.TITLE),
    "members": (c.MEMBER_ID,),
    "saved_searches": (c.SEARCH_ID, c.MEMBER_ID, c.TEXT),
}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class NightConfig(Section):
    """Everything that a night is told."""

    storage: StorageConfig
    retention: RetentionConfig
    sources: SourcesConfig
    ingest: IngestConfig
    distillation: DistillationConfig
    teachers: dict[str, TeacherConfig] = Field(default_factory=dict)
    teaching: TeachingConfig
    embedding: EmbeddingConfig
    retrieval: RetrievalConfig
    ranking: RankingConfig
    wishes: WishesConfig = Field(default_factory=WishesConfig)
    searches: SearchesConfig
    fairness: FairnessConfig
    quality: QualityConfig
    promotion: PromotionConfig
    telling: TellingConfig
    benchmarks: dict[str, BenchmarkConfig] = Field(default_factory=dict)
    sample: SampleConfig | None = None
    spark: dict[str, str] = Field(default_factory=dict)  # Spark properties

    @model_validator(mode="after")
    def _search_finds_enough(self) -> Self:
        asked, found = self.ranking.recommendations_per_member, self.retrieval.matches_per_member
        if found < asked:
            raise ValueError(
                f"retrieval.matches_per_member ({found}) is below ranking.recommendations_per_member ({asked})"
            )
        return self

    @model_validator(mode="after")
    def _sources_name_canonical_columns(self) -> Self:
        wrong = [
            f"sources.{name}.columns.{column}: no such canonical column"
            for name, known in _CANONICAL.items()
            if (source := getattr(self.sources, name)) is not None
            for column in source.columns
            if column not in known
        ]
        missing = [
            f"sources.{name}.columns.{key}: missing"
            for name, keys in _NEEDED.items()
            for key in keys
            if (source := getattr(self.sources, name)) is not None and key not in source.columns
        ]
        if wrong or missing:
            raise ValueError("; ".join(wrong + missing))
        return self

    @model_validator(mode="after")
    def _a_posting_attribute_is_given_once(self) -> Self:
        source = self.sources.audit_posting_attributes
        if twice := set(self.fairness.posting_groups) & set(source.columns if source else ()):
            raise ValueError(f"fairness.posting_groups: {', '.join(sorted(twice))}: an attribute of the source as well")
        return self

    @model_validator(mode="after")
    def _lists_can_be_reordered(self) -> Self:
        asked, source = self.fairness.reordering, self.sources.audit_attributes
        if asked.enabled and not self.retrieval.members_per_posting:
            raise ValueError("fairness.reordering: no lists to reorder, retrieval.members_per_posting is 0")
        known = sorted(set(source.columns) - {c.MEMBER_ID}) if source else []
        if (asked.enabled or asked.attribute) and asked.attribute not in known:
            raise ValueError(
                f"fairness.reordering.attribute: {asked.attribute or 'none'} is no attribute of "
                f"sources.audit_attributes, which has {', '.join(known) or 'none'}"
            )
        return self

    @property
    def audited_sides(self) -> list[str]:
        """Whose groups the fairness audit compares, of `schemas.fairness.SIDES`; none: there is no audit."""
        members = self.sources.audit_attributes is not None
        postings = self.sources.audit_posting_attributes is not None or bool(self.fairness.posting_groups)
        searched = self.retrieval.members_per_posting > 0
        asked = {"members": members, "postings": postings, "recruiting": members and searched}
        return [side for side, wanted in asked.items() if wanted]

    @property
    def config_hash(self) -> str:
        """First 12 hex digits of the sha256 of the configuration; written beside every output."""
        # teachers, promotions and audits work beside the night: another budget, endpoint or bound is no other night
        beside: dict[str, bool | set[str]] = dict.fromkeys(
            ("teachers", "teaching", "promotion", "benchmarks", "fairness", "retention", "telling"), True
        )
        beside["sources"] = {"audit_attributes", "audit_posting_attributes"}
        beside["storage"] = {"readers"}
        if self.fairness.reordering.enabled:  # then groups decide an order, and what says so is part of the night
            beside["sources"] = {"audit_posting_attributes"}
            beside["fairness"] = set(FairnessConfig.model_fields) - {"reordering", "min_group_size", "max_groups"}
        of_a_night = self.model_dump_json(exclude=beside)
        return hashlib.sha256(of_a_night.encode()).hexdigest()[:12]


def load_config(conf_dir: Path, env: str, environ: Mapping[str, str]) -> NightConfig:
    """`conf_dir/base.toml`, overlaid by the files that `<env>.toml` includes, then by itself.

    `${NAME}` is taken from `environ`.

    Raises:
        ConfigError: a file is missing or no TOML, or any key is unknown, missing, of a wrong type or contradictory.
    """
    unset: set[str] = set()
    try:
        top = _read(conf_dir / f"{env}.toml")
        included = [_read(conf_dir / str(name)) for name in _names(top.pop("include", []))]
        filled = _fill(reduce(_overlay, [*included, top], _read(conf_dir / "base.toml")), environ, unset)
    except RecursionError:
        raise ConfigError(f"conf/{env}.toml, or what it includes, is nested too deeply") from None
    if unset:
        raise ConfigError(listed(f"conf/{env}.toml uses environment variables that are not set:", sorted(unset)))
    try:
        return NightConfig.model_validate(filled)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'conf'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigError(listed(f"{len(problems)} problem(s) in {conf_dir}/{env}.toml:", problems)) from None


def _names(include: object) -> list[object]:
    if not isinstance(include, list):
        raise ConfigError("include: a list of files below the configuration's folder is needed")
    return include


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = sorted(p.stem for p in path.parent.glob("*.toml") if p.stem != "base")
        raise ConfigError(f"no configuration {path}; environments here: {', '.join(known) or 'none'}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # no UTF-8, a number of 5,000 digits or a NUL in the name, besides what TOML refuses
        raise ConfigError(f"{path} is not TOML: {error}") from None


def _overlay(base: dict[str, object], top: Mapping[str, object]) -> dict[str, object]:
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        merged[key] = _overlay(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _fill(value: object, environ: Mapping[str, str], unset: set[str]) -> object:
    """The value with its variables filled in; names that have no value join `unset`."""
    if isinstance(value, str):
        unset |= set(_VARIABLE.findall(value)) - environ.keys()
        return _VARIABLE.sub(lambda match: environ.get(match[1], ""), value)
    if isinstance(value, dict):
        return {key: _fill(inner, environ, unset) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, environ, unset) for inner in value]
    return value
