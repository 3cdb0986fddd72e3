"""Kernel: the written relevance policy and its version."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigError

_VERSION = re.compile(r"\Aversion: (\d+)\n")


@dataclass(frozen=True)
class Policy:
    """What a grade means, in words that people and judges read alike.

    Args:
        version: the number that its first line gives, and the first 8 hex digits of the text's sha256: a changed word
            is another policy, even where somebody forgot the number.
    """

    version: str
    text: str


def read_policy(path: Path) -> Policy:
    """The policy in the file `path`.

    Raises:
        ConfigError: there is none, or its first line is not `version: <number>`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise ConfigError(f"no policy can be read from {path}: {error}") from None
    version = _VERSION.match(text)
    if version is None:
        raise ConfigError(f"{path}: the first line of a policy is `version: <number>`")
    return Policy(f"{version[1]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}", text[version.end() :].strip())
