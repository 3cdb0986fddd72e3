"""Stage: saved searches that a language model reads, each once; the rules' reading stands where it gives none."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.searches.config import SearchesConfig
from pipelines.searches.reading import told
from pipelines.searches.stage import UNDERSTOOD, with_wish_hash
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.model import ModelReader, reader_id
from schemas import columns as c
from schemas.searches import SAVED_SEARCHES

_SAME = (c.SEARCH_ID, c.TEXT, c.LANGUAGE)  # of these the reading depends on text and language
_TOLD = "told"
_ANSWERED = T.StructType().add(c.SEARCH_ID, T.StringType()).add(_TOLD, T.StringType())


def read_by_model(accepted: DataFrame, before: DataFrame, *, wishes: WishesConfig, config: SearchesConfig) -> DataFrame:
    """Accepted searches as `wishes.model` understands them, SAVED_SEARCHES columns.

    One task asks, with as many requests at once as the endpoint is configured for, so that one budget holds. A search
    that gets no answer, or an unusable one, stays as the rules have read it, and is asked for again the next night.

    Args:
        accepted: SAVED_SEARCHES columns, read by rules.
        before: the same of an earlier night; what the same model has read of the same text is not asked for again.
        wishes: with a model.
        config: who encodes wishes.
    """
    reader = reader_id(wishes)
    known = before.where(F.col(c.READ_BY) == reader).select(
        *_SAME, *(F.col(name).alias(f"_{name}") for name in _COPIED)
    )
    same = accepted.alias("now").join(
        known.alias("then"),
        on=[F.col(f"now.{name}").eqNullSafe(F.col(f"then.{name}")) for name in _SAME],
        how="left",
    )
    is_known = F.col(f"_{c.READ_BY}").isNotNull()
    kept = same.where(is_known).select("now.*", *(f"_{name}" for name in _COPIED))
    kept = kept.withColumns({name: F.col(f"_{name}") for name in _COPIED})
    new = same.where(~is_known).select("now.*")
    return with_wish_hash(kept.select(*SAVED_SEARCHES.columns).unionByName(_asked(new, wishes)), config.wish_encoder)


_COPIED = (*UNDERSTOOD, c.READ_BY)


def _asked(searches: DataFrame, wishes: WishesConfig) -> DataFrame:
    """The searches as the model reads them now."""

    def ask(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        reader = ModelReader(wishes)
        with ThreadPoolExecutor(reader.concurrency) as pool:
            for batch in batches:
                texts, languages = (batch.column(name).to_pylist() for name in (c.TEXT, c.LANGUAGE))
                readings = pool.map(reader.read, texts, languages)
                answers = [None if one.refusal else json.dumps(told(one.wish)) for one in readings]
                yield pa.RecordBatch.from_arrays(
                    [batch.column(c.SEARCH_ID), pa.array(answers, pa.string())], names=_ANSWERED.names
                )

    understood = T.StructType([SAVED_SEARCHES.schema[name] for name in UNDERSTOOD])
    told_of = searches.select(*_SAME).repartition(1).mapInArrow(ask, schema=_ANSWERED)
    answered = searches.join(told_of, on=c.SEARCH_ID, how="left").withColumn(_TOLD, F.from_json(_TOLD, understood))
    is_told = F.col(_TOLD).isNotNull()
    return answered.withColumns(
        {
            **{name: F.when(is_told, F.col(_TOLD)[name]).otherwise(F.col(name)) for name in UNDERSTOOD},
            c.READ_BY: F.when(is_told, F.lit(reader_id(wishes))).otherwise(F.col(c.READ_BY)),
        }
    ).select(*SAVED_SEARCHES.columns)
