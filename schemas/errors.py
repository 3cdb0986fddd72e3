"""The five ways a job fails, each with an exit code that a scheduler can act on."""

from collections.abc import Sequence


class NightmatchError(Exception):
    """A failure whose message says what to do.

    `exit_code` is the job's exit status; `passes` is whether the same command may succeed later with nothing mended.
    """

    exit_code = 1
    passes = False


class ConfigError(NightmatchError):
    """Raised when the configuration or the command line is wrong; lists all problems at once."""

    exit_code = 2


class ContractError(NightmatchError):
    """Raised when a table's columns or types differ from `schemas`; lists every difference."""

    exit_code = 3


class QualityGateError(NightmatchError):
    """Raised when a blocking rule failed; what was published before keeps serving."""

    exit_code = 4


class ArtifactError(NightmatchError):
    """Raised when a model or index is missing, damaged, or made for another student, dimension or metric."""

    exit_code = 5


class RunConflictError(NightmatchError):
    """Raised when another run holds the same run date."""

    exit_code = 6
    passes = True


def listed(heading: str, problems: Sequence[str]) -> str:
    """One message with every problem on a line of its own.

    >>> print(listed("2 problems in conf", ["a: missing", "b: unknown key"]))
    2 problems in conf
      - a: missing
      - b: unknown key
    """
    return "\n".join([heading, *(f"  - {problem}" for problem in problems)])
