"""Kernel: a teacher by its name in the configuration, found, and opened wherever it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines.teaching.bi_encoder import load_bi_encoder
from pipelines.teaching.config import BiEncoderConfig, CrossEncoderConfig, JudgeConfig, TeacherConfig
from pipelines.teaching.cross_encoder import load_cross_encoder
from pipelines.teaching.judge import Judge
from pipelines.teaching.policy import Policy, read_policy
from pipelines.teaching.teacher import NOTHING_PAID, Cost, Encoder, Teacher
from schemas.errors import ConfigError


@dataclass(frozen=True)
class TeacherPlan:
    """All that a process needs to open a teacher; it travels to Spark's workers.

    Args:
        policy: what a judge reads.
    """

    config: TeacherConfig
    policy: Policy | None = None

    def open(self, spent: Cost = NOTHING_PAID) -> Teacher:
        """The teacher; an encoder is loaded once per process.

        Args:
            spent: what this run has paid a judge before.

        Raises:
            ArtifactError: its model is missing, damaged or no teacher.
        """
        if isinstance(self.config, JudgeConfig):
            if self.policy is None:
                raise ValueError("a judge reads a policy")
            return Judge(self.config, self.policy, spent)
        return _loaded(self.config)

    @property
    def max_malformed_share(self) -> float:
        """The share of answers that may be refused; an encoder's never are."""
        return self.config.max_malformed_share if isinstance(self.config, JudgeConfig) else 0.0


def plan_teacher(name: str, teachers: Mapping[str, TeacherConfig], conf_dir: Path) -> TeacherPlan:
    """The teacher that `[teachers.<name>]` configures.

    Raises:
        ConfigError: there is no such section, or its policy cannot be read.
    """
    config = teachers.get(name)
    if config is None:
        raise ConfigError(f"no [teachers.{name}] in the configuration; there are: {', '.join(sorted(teachers))}")
    policy = read_policy(conf_dir / config.policy) if isinstance(config, JudgeConfig) else None
    return TeacherPlan(config, policy)


def named_encoder(name: str, teachers: Mapping[str, TeacherConfig]) -> Encoder:
    """The encoder that a student learns from: the section `[teachers.<name>]`, or a model as its `model` names one.

    Raises:
        ArtifactError: its model is missing, damaged or no bi-encoder.
        ConfigError: the section is no bi-encoder's.
    """
    return load_bi_encoder(model_name(name, teachers))


def model_name(name: str, teachers: Mapping[str, TeacherConfig]) -> str:
    """The model of the section `[teachers.<name>]`; where there is none, the name is the model's.

    Raises:
        ConfigError: the section is no bi-encoder's.
    """
    config = teachers.get(name)
    if config is None:
        return name
    if not isinstance(config, BiEncoderConfig):
        raise ConfigError(f"teachers.{name} is a {config.kind}; a student learns vectors, from a bi_encoder")
    return config.model


@lru_cache(maxsize=1)
def _loaded(config: BiEncoderConfig | CrossEncoderConfig) -> Teacher:
    if isinstance(config, BiEncoderConfig):
        return load_bi_encoder(config.model)
    return load_cross_encoder(config)
