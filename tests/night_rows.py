"""Published rows of two nights, compared without what names a run or a time."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.catalog import load_catalog

from pipelines.publishing.contents import OF_A_NIGHT
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.members import MEMBERS
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
        if table is MEMBERS:
            served = set(rows.column(c.RUN_ID).to_pylist())
        elif table is QUALITY_RESULTS:  # those of other attempts stay
            rows = rows.filter(pc.is_in(rows.column(c.RUN_ID), pa.array(served)))
        found[table.name] = sorted(map(repr, rows.drop_columns(sorted(_OF_A_RUN & set(table.columns))).to_pylist()))
    return found
