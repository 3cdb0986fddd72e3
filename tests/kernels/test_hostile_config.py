"""Any file is a configuration, or a ConfigError that names what is wrong by its dotted path; nothing else."""

import datetime
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.config import NightConfig, load_config
from schemas.errors import ConfigError
from tests.conftest import PROJECT

BASE = tomllib.loads((PROJECT / "conf" / "base.toml").read_text())
SAMPLE = tomllib.loads((PROJECT / "conf" / "sample.toml").read_text())
CALM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PATH = re.compile(r"  - [^\n:]*: |  - \w+$", re.MULTILINE)


def paths_of(tree: dict[str, object], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in tree.items():
        found += [(*above, key), *(paths_of(value, (*above, key)) if isinstance(value, dict) else [])]
    return found


PATHS = sorted({*paths_of(BASE), *paths_of(SAMPLE)})
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
SCALARS = (
    st.none().map(lambda _: "${NAME} ${OTHER}")
    | TEXTS
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 1, 2**63, 2**64, -(2**200), 10**4000])
    | st.floats()
    | st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1e308])
    | st.dates()
    | st.datetimes(min_value=datetime.datetime(1, 1, 2), max_value=datetime.datetime(9999, 12, 30))
    | st.times()
)
KEYS = TEXTS | st.sampled_from(sorted({key for path in PATHS for key in path} | {"include", "inputs", "table"}))
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
CHANGES = st.lists(st.tuples(st.sampled_from(PATHS), TREES), max_size=4)


def toml(value: object) -> str:
    """The value as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    return hex(value) if isinstance(value, int) and value >= 2**64 else str(value)


def changed(tree: dict[str, object], changes: list[tuple[tuple[str, ...], object]]) -> dict[str, object]:
    """A copy of the tree with values put at paths, through whatever stands in their way."""
    copy: dict[str, object] = json.loads(json.dumps(tree))
    for path, value in changes:
        below = copy
        for key in path[:-1]:
            if not isinstance(below.get(key), dict):
                below[key] = {}
            below = below[key]
        below[path[-1]] = value
    return copy


@pytest.fixture(scope="module")
def conf(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "conf"
    shutil.copytree(PROJECT / "conf", folder)
    return folder


def outcome(conf: Path, environ: dict[str, str]) -> NightConfig | ConfigError:
    try:
        config = load_config(conf, "mine", environ)
    except ConfigError as error:
        assert str(error)
        return error
    assert re.fullmatch("[0-9a-f]{12}", config.config_hash)
    assert set(config.audited_sides) <= {"members", "postings", "recruiting"}
    return config


def written(conf: Path, tree: dict[str, object]) -> None:
    text = "".join(f"{toml(key)} = {toml(value)}\n" for key, value in tree.items())
    (conf / "mine.toml").write_text(text, encoding="utf-8")


def test_the_sample_written_so_is_the_sample(conf):
    written(conf, SAMPLE)
    assert outcome(conf, {}) == load_config(conf, "sample", {})


@given(CHANGES, st.dictionaries(st.sampled_from(["NAME", "OTHER"]), TEXTS))
@CALM
def test_any_change_to_a_configuration_is_one_or_is_refused_by_its_path(conf, changes, environ):
    written(conf, changed(SAMPLE, changes))
    found = outcome(conf, environ)
    if isinstance(found, ConfigError) and "problem(s)" in str(found):
        assert PATH.search(str(found))


@given(st.dictionaries(KEYS, TREES, max_size=5), st.dictionaries(TEXTS, TEXTS))
@CALM
def test_any_tree_is_refused_in_one_error(conf, tree, environ):
    written(conf, tree)
    assert isinstance(outcome(conf, environ), ConfigError)


@given(st.binary(max_size=60) | st.text(st.sampled_from("[]{}=.\"'#\n\\ua1_:-T"), max_size=60).map(str.encode))
@CALM
def test_any_bytes_are_a_configuration_or_refused(conf, content):
    (conf / "mine.toml").write_bytes(content)
    outcome(conf, {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = " + "[" * 5_000, "nested too deeply"),
        (".".join(["a"] * 5_000) + " = 1", "nested too deeply"),
        ("a = " + "1" * 5_000, "is not TOML"),
        ('include = [""]', "cannot be read"),
        ('include = ["a\\u0000b"]', "is not TOML"),
        (f'include = ["{"x" * 5_000}"]', "cannot be read"),
        ("[ranking.weights]\nsimilarity = nan", "ranking.weights.similarity: Input should be a finite number"),
        ("[fairness]\nmax_skew = inf", "fairness.max_skew: Input should be a finite number"),
        (f"[ranking]\nrecency_half_life_days = 0x{'f' * 4_000}", "ranking.recency_half_life_days"),
    ],
    ids=lambda value: value[:24],
)
def test_what_breaks_readers_of_toml_is_refused(conf, text, problem):
    (conf / "mine.toml").write_text(text)
    found = outcome(conf, {})
    assert isinstance(found, ConfigError) and problem in str(found)


def test_a_variable_is_filled_in_once_and_no_message_holds_its_value(conf):
    sample = changed(SAMPLE, [(("spark", "spark.x"), "${NAME}"), (("ranking", "per_company"), "${NAME}")])
    written(conf, sample)
    assert "s3cret" not in str(outcome(conf, {"NAME": "s3cret"}))
    written(conf, changed(SAMPLE, [(("spark", "spark.x"), "${NAME}")]))
    config = outcome(conf, {"NAME": "${OTHER} {0} %s", "OTHER": "no"})
    assert isinstance(config, NightConfig) and config.spark["spark.x"] == "${OTHER} {0} %s"
