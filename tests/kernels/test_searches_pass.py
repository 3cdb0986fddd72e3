"""Members and saved searches are searched for in one pass, whose rows workers write to two tables."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.night import Night
from pipelines.publishing.writing import writing
from pipelines.retrieval.index import seal_index
from pipelines.retrieval.stage import searching
from pipelines.searches.reading import understood
from pipelines.searches.trying import asking_for
from schemas.matches import MATCHES
from schemas.searches import SEARCH_MATCHES
from tests.kernels.test_searches_trying import CONFIG, DAY, STUDENT, asked, index_of, member_of, postings_of

WISHES = ("remote, baking bread", "in Germany, senior", "company must be Nobody Ltd, nursing")
K = 10


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("indexes")
    postings = postings_of(range(300))
    opened = index_of(postings, STUDENT.encode([row["title"] for row in postings]), folder)
    seal_index(folder, {"0", "1"}, student_id="s", run_id="r")
    return folder, opened


def rows_of(members, searches):
    """As the stage asks for them: members first, whose columns of searches are null."""
    lists, nested = pa.list_(pa.int64()), pa.list_(pa.list_(pa.int64()))
    kinds = {
        "cohort": pa.string(),
        "years_of_experience": pa.float64(),
        "min_salary": pa.float64(),
        "salary_currency": pa.string(),
        "companies": lists,
        "excluded_postings": lists,
        "vector": pa.list_(pa.float32()),
        "search_id": pa.string(),
        "wish_vector": pa.list_(pa.float32()),
        "profile_weight": pa.float64(),
        "earliest": pa.int64(),
        "seniority_bits": pa.int64(),
        "cities": lists,
        "excluded_cities": lists,
        "wanted_companies": lists,
        "title_phrases": nested,
        "excluded_title_phrases": nested,
        "member_id": pa.string(),
    }
    rows = []
    for number, (member, read) in enumerate([*((one, None) for one in members), *searches]):
        criteria = (read or understood("anything", None, CONFIG.wishes))["criteria"]
        columns = asking_for(criteria, member, DAY)
        plain = {name: one.to_pylist()[0] if isinstance(one, pa.Array) else one[0] for name, one in columns.items()}
        vector = STUDENT.encode([member["text"]])[0].tolist()
        row = plain | {"member_id": member["member_id"], "vector": vector, "search_id": None}
        if read:
            wish = STUDENT.encode([read["wish"]])[0].tolist() if read["wish"] else vector
            weight = 0.25 if read["wish"] else 1.0
            row |= {"search_id": f"s{number}", "wish_vector": wish, "profile_weight": weight}
        else:
            row["cohort"] = row["cohort"].replace(', "is_search": true', "")
            row = {name: row[name] for name in list(kinds)[:7]} | {"member_id": row["member_id"]}
        rows.append(row)
    return pa.RecordBatch.from_pylist(rows, schema=pa.schema(kinds.items()))


def written(batch, index, folder, tables):
    folders = {table: folder / table.name for table in tables}
    for one in folders.values():
        one.mkdir(parents=True)
    config = CONFIG.retrieval.model_copy(update={"matches_per_member": K})
    search = searching(index=index, index_id="i", student_id="s", night=Night(DAY, "r"), config=config)
    counts = [row for told in writing(search, folders)(iter([batch])) for row in told.to_pylist()]
    tables_written = {table.name: pq.read_table(folders[table]) for table in tables}
    assert {row["table"]: row["rows"] for row in counts} == {name: len(one) for name, one in tables_written.items()}
    return {name: one.to_pylist() for name, one in tables_written.items()}


def test_searches_find_what_each_finds_alone_and_members_what_they_find_without_them(index, tmp_path):
    folder, opened = index
    members = [member_of(row) for row in range(6)]
    searches = [(member, understood(text, None, CONFIG.wishes)) for member in members[:3] for text in WISHES]
    both = written(rows_of(members, searches), folder, tmp_path / "both", [MATCHES, SEARCH_MATCHES])
    alone = written(rows_of(members, []), folder, tmp_path / "alone", [MATCHES])
    assert both["matches"] == alone["matches"] and len(alone["matches"]) > 20
    found = {}
    for row in both["search_matches"]:
        found.setdefault((row["search_id"], row["member_id"]), []).append(row)
    for number, (member, read) in enumerate(searches, start=len(members)):
        mine = found.get((f"s{number}", member["member_id"]), [])
        wanted = asked(read, member, opened, 0.25)
        told = [
            (one["posting_id"], one["similarity"], one["wish_similarity"], one["profile_similarity"]) for one in mine
        ]
        assert sorted(told) == sorted((one.posting_id, one.similarity, one.wish, one.profile) for one in wanted)
    assert len(both["search_matches"]) > 10
    assert {row["student_id"] + row["index_id"] + row["run_id"] for row in both["search_matches"]} == {"sir"}


def test_where_no_search_finds_anything_its_table_has_no_row(index, tmp_path):
    search = [(member_of(0), understood(WISHES[2], None, CONFIG.wishes))]
    rows = written(rows_of([member_of(1)], search), index[0], tmp_path, [MATCHES, SEARCH_MATCHES])
    assert rows["search_matches"] == [] and len(rows["matches"]) > 0
