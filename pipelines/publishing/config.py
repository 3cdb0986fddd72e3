"""Where rows come from and where tables, models and indexes go."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from pipelines.section import Section


class InputConfig(Section):
    """One thing that Spark can read: files in a format, or a catalog table."""

    format: str | None = None
    location: str | None = None  # path or URI; a relative path starts at the project root
    table: str | None = None
    options: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if (self.table is None) == (self.format is None):
            raise ValueError("give either `table`, or `format` with `location` or `options`")
        return self


class SourceConfig(Section):
    """Rows of one kind: inputs, an optional query over them, and a Spark SQL expression per canonical column."""

    inputs: dict[str, InputConfig] = Field(min_length=1)
    query: str | None = None  # Spark SQL over the inputs by name; default: all rows of the only input
    columns: dict[str, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _several_inputs_need_a_query(self) -> Self:
        if self.query is None and len(self.inputs) != 1:
            raise ValueError("several inputs need a `query` that joins them")
        return self


class SourcesConfig(Section):
    """The sources of a night; all but postings and members may be absent.

    Audit attributes are read by `jobs/audit_fairness.py` alone.
    """

    postings: SourceConfig
    members: SourceConfig
    interactions: SourceConfig | None = None
    saved_searches: SourceConfig | None = None
    audit_attributes: SourceConfig | None = None  # member_id, and a column per attribute
    audit_posting_attributes: SourceConfig | None = None  # posting_id, and a column per attribute

    @model_validator(mode="after")
    def _audit_sources_have_a_key_and_attributes(self) -> Self:
        for name, key in (("audit_attributes", "member_id"), ("audit_posting_attributes", "posting_id")):
            source = getattr(self, name)
            if source is None:
                continue
            if key not in source.columns or len(source.columns) < 2:
                raise ValueError(f"{name}.columns: {key} and at least one attribute are needed")
            if wrong := [column for column in source.columns if not column.isidentifier()]:
                raise ValueError(f"{name}.columns: {', '.join(wrong)}: an attribute is named by letters, digits and _")
        return self


class StorageConfig(Section):
    """Where a run writes, and how long it may hold its date."""

    root: str  # folder of catalog, warehouse, models and indexes; a relative path starts at the project root
    catalog: dict[str, str] = Field(default_factory=dict)  # PyIceberg catalog properties; empty: SQLite under `root`
    readers: dict[str, str] = Field(default_factory=dict)  # of another catalog, of copies; empty: there are none
    namespace: str
    lease_minutes: int = Field(gt=0)  # a run that died is succeeded after this, or at once on the same host

    @field_validator("root")
    @classmethod
    def _is_a_folder(cls, root: str) -> str:
        if "://" in root:
            raise ValueError(f"{root} is no folder; see storage.readers for copies in an object store")
        return root


class RetentionConfig(Section):
    """What nobody can need any more, for `jobs/clean_store.py`; of no consequence for a night."""

    snapshot_days: int = Field(ge=0)  # how long a reader may go on with what a commit has replaced
    restorable_nights: int = Field(ge=1)  # newest dates of which every run's night can be put back
    orphan_days: int = Field(ge=1)  # how long an unfinished run may be continued, and what belongs to nothing stays
    embedding_days: int = Field(ge=1)  # a vector goes if no night of so many before the last one has its text
    small_file_mib: float = Field(gt=0)  # files below are put together
    min_small_files: int = Field(ge=2)  # in a partition, before it is worth it
