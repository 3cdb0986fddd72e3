"""Published rows of two nights, compared without what names a run or a time."""

from pathlib import Path

from pyiceberg.catalog import load_catalog

from pipelines.publishing.contents import OF_A_NIGHT
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.operations import QUALITY_RESULTS

COMPARED = (*OF_A_NIGHT, POSTING_EMBEDDINGS, MEMBER_EMBEDDINGS, QUALITY_RESULTS)
_OF_A_RUN = {c.RUN_ID, c.INDEX_ID}  # an index is named after the folder that its run made for it


def published_rows(project: Path) -> dict[str, list[str]]:
    """Table -> its rows as texts, sorted.

    Args:
        project: folder in which the storage root is `var`.
    """
    catalog = load_catalog("recs", type="sql", uri=f"sqlite:///{project}/var/catalog.db")
    found = {}
    for table in COMPARED:
        rows = catalog.load_table(f"recs.{table.name}").scan().to_arrow()
        found[table.name] = sorted(map(repr, rows.drop_columns(sorted(_OF_A_RUN & set(table.columns))).to_pylist()))
    return found
