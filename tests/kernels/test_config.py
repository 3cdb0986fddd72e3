"""Every mistake in a configuration is found before anything runs, and named by its dotted path."""

import shutil

import pytest

from pipelines.config import load_config
from schemas.errors import ConfigError
from tests.conftest import PROJECT


@pytest.fixture
def conf(tmp_path):
    shutil.copytree(PROJECT / "conf", tmp_path / "conf")
    return tmp_path / "conf"


def write(conf, text, env="mine"):
    sample = (conf / "sample.toml").read_text()
    (conf / f"{env}.toml").write_text(f"{sample}\n{text}\n")


@pytest.mark.parametrize("env", ["sample", "jobboard", "federal"])
def test_the_shipped_configurations_are_right(env):
    assert load_config(PROJECT / "conf", env, {}).ranking.recommendations_per_member == 10


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[rankings]\nk = 1", "rankings: Extra inputs"),
        ("[ranking]\nper_compny = 3", "ranking.per_compny: Extra inputs"),
        ("[ranking]\nper_company = 'three'", "ranking.per_company: Input should be a valid integer"),
        ("[ranking]\nper_company = 0", "ranking.per_company: Input should be greater than 0"),
        ("[ranking.weights]\nsimilarity = 0.95", "ranking.weights: Value error, weights sum to 1.4, not 1"),
        ("[retrieval]\nmatches_per_member = 5", "retrieval.matches_per_member (5) is below"),
        ("[retrieval]\nunknown_excludes = ['colour']", "retrieval.unknown_excludes.0: Input should be 'place'"),
        (
            "[ingest]\nduplicate_similarity = 1.5",
            "ingest.duplicate_similarity: Input should be less than or equal to 1",
        ),
        ("[sources.postings.inputs.second]\ntable = 't'", "several inputs need a `query`"),
        (
            "[fairness.reordering]\nattribute = 'a'\ntargets = { x = 0.7, y = 0.6 }",
            "shares above 0 that sum to at most 1",
        ),
        ("[fairness.reordering]\ntargets = { x = 0.7 }", "of which attribute?"),
        ("[fairness.reordering]\nenabled = true", "no lists to reorder, retrieval.members_per_posting is 0"),
        (
            "[retrieval]\nmembers_per_posting = 5\n[fairness.reordering]\nenabled = true",
            "none is no attribute of sources.audit_attributes, which has none",
        ),
        ("[sources.interactions.inputs.more]\nlocation = 'x'", "give either `table`, or `format`"),
    ],
)
def test_a_mistake_is_named_by_its_path(conf, text, problem):
    write(conf, text)
    with pytest.raises(ConfigError) as failure:
        load_config(conf, "mine", {})
    assert problem in str(failure.value)


def test_an_unknown_canonical_column_is_named(conf):
    text = (conf / "sample.toml").read_text().replace('title = "jobTitle"', 'titel = "jobTitle"')
    (conf / "mine.toml").write_text(text)
    with pytest.raises(ConfigError) as failure:
        load_config(conf, "mine", {})
    assert "sources.postings.columns.titel: no such canonical column" in str(failure.value)
    assert "sources.postings.columns.title: missing" in str(failure.value)


def test_all_mistakes_are_listed_at_once(conf):
    write(conf, "[ranking]\nper_company = 0\n[embedding]\nbatch_texts = -1\n[quality]\nmin_postings = 'few'")
    with pytest.raises(ConfigError) as failure:
        load_config(conf, "mine", {})
    assert all(path in str(failure.value) for path in ("ranking.per_company", "embedding.batch_texts", "min_postings"))


def test_a_file_that_is_no_toml_is_named_with_its_line(conf):
    (conf / "mine.toml").write_text("[ranking\nper_company = 3")
    with pytest.raises(ConfigError, match=r"mine.toml is not TOML.*line 1"):
        load_config(conf, "mine", {})


def test_an_environment_that_does_not_exist_is_answered_with_those_that_do(conf):
    with pytest.raises(ConfigError, match="environments here: federal, jobboard, sample"):
        load_config(conf, "smaple", {})


def test_secrets_come_from_the_environment_and_a_missing_one_is_named(conf):
    write(conf, "[sources.interactions.inputs.interactions_feed.options]\npassword = '${DB_PASSWORD}'")
    with pytest.raises(ConfigError, match="DB_PASSWORD"):
        load_config(conf, "mine", {})
    filled = load_config(conf, "mine", {"DB_PASSWORD": "s3cret"}).sources.interactions
    assert filled is not None
    assert filled.inputs["interactions_feed"].options == {"password": "s3cret"}


def test_the_hash_changes_with_the_configuration_and_only_with_it(conf):
    write(conf, "[ranking]\nper_company = 4")
    sample, again, mine = (load_config(conf, env, {}).config_hash for env in ("sample", "sample", "mine"))
    assert sample == again != mine


def test_an_order_by_groups_makes_another_night_and_what_only_the_audit_is_told_does_not(conf):
    source = "[sources.audit_attributes]\ninputs.p = { table = 't' }\ncolumns = { member_id = 'id', team = 'team' }"
    searched = "[retrieval]\nmembers_per_posting = 5\n"
    reordering = "[fairness.reordering]\nattribute = 'team'\n"
    write(conf, searched, "searched")
    write(conf, f"{searched}{source}\n{reordering}", "off")
    write(conf, f"{searched}{source}\n{reordering}enabled = true", "on")
    write(conf, f"{searched}{source}\n{reordering}enabled = true\ntargets = {{ a = 0.5 }}", "half")
    write(conf, f"{searched}{source}\n{reordering}enabled = true\n[fairness]\nresamples = 199", "fewer")
    of = {env: load_config(conf, env, {}).config_hash for env in ("searched", "off", "on", "half", "fewer")}
    assert of["off"] == of["searched"]
    assert of["fewer"] == of["on"]
    assert len(set(of.values())) == 3
