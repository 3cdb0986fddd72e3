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
from pipelines.wishes.wish import Wish
from schemas import columns as c
from schemas.searches import SAVED_SEARCHES

_SAME = (c.SEARCH_ID, c.TEXT, c.LANGUAGE)  # of a search that need not be read again
_READ = T.StructType([SAVED_SEARCHES.schema[name] for name in (*UNDERSTOOD, c.READ_BY)])
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
    read_before = before.where(F.col(c.READ_BY) == reader_id(wishes))
    known = read_before.select(*_SAME, F.struct(*_READ.names).alias(_TOLD)).alias("then")
    same = [F.col(f"now.{name}").eqNullSafe(F.col(f"then.{name}")) for name in _SAME]
    beside = accepted.alias("now").join(known, on=same, how="left").select("now.*", _TOLD)
    new = beside.where(F.col(_TOLD).isNull()).drop(_TOLD)
    answered = new.join(_asked(new, wishes), on=c.SEARCH_ID, how="left")
    is_told, told_of = F.col(_TOLD).isNotNull(), F.col(_TOLD)
    read = (
        beside.where(is_told)
        .unionByName(answered)
        .withColumns({name: F.when(is_told, told_of[name]).otherwise(F.col(name)) for name in _READ.names})
    )
    return with_wish_hash(read, config.wish_encoder).select(*SAVED_SEARCHES.columns)


def _asked(searches: DataFrame, wishes: WishesConfig) -> DataFrame:
    """What the model makes of each search now; null where it gives no answer."""

    def ask(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        reader = ModelReader(wishes)
        with ThreadPoolExecutor(reader.concurrency) as pool:
            for batch in batches:
                texts, languages = (batch.column(name).to_pylist() for name in (c.TEXT, c.LANGUAGE))
                readings = pool.map(reader.understand, texts, languages)
                answers = [None if one.refusal else _written(one.wish, reader_id(wishes)) for one in readings]
                yield pa.RecordBatch.from_arrays(
                    [batch.column(c.SEARCH_ID), pa.array(answers, pa.string())], names=_ANSWERED.names
                )

    told_of = searches.select(*_SAME).repartition(1).mapInArrow(ask, schema=_ANSWERED)
    return told_of.withColumn(_TOLD, F.from_json(_TOLD, _READ))


def _written(wish: Wish, reader: str) -> str:
    return json.dumps({**told(wish), c.READ_BY: reader})
