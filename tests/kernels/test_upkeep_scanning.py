"""A text is found whatever a file stores it in, and an id is not taken for a part of a longer one."""

import gzip
import json
import sqlite3

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.avro.codecs import AVRO_CODEC_KEY
from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import NestedField, StringType

from pipelines.upkeep.scanning import Needles, files_below, scan

SAID = 'Sailed "round" Kap Hoorn, für viele Jahre <alone>'


def table(text):
    nested = pa.array(
        [[{"said": [("key", text)]}], None], pa.list_(pa.struct({"said": pa.map_(pa.string(), pa.string())}))
    )
    return pa.table({"nested": nested, "coded": pa.array(["x", "y"]).dictionary_encode()})


def parquet(path, text):
    pq.write_table(table(text), path, compression="zstd", write_statistics=False)


def arrow(path, text):
    batch = pa.record_batch({"id": pa.array([text])})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def avro(codec):
    def write(path, text):
        schema = Schema(NestedField(1, "said", StringType(), required=True))
        output = PyArrowFileIO().new_output(str(path))
        with AvroOutputFile(output, schema, "said", metadata={AVRO_CODEC_KEY: codec}) as file:
            file.write_block([Record(f"before {text} after")])

    return write


def sqlite(path, text):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE kept (said TEXT)")
        database.execute("INSERT INTO kept VALUES (?)", (text,))


def held(path, words=(), texts=()):
    seen = scan([path], Needles(words, texts))
    assert seen.undecodable == []
    return bool(seen.holding)


FORMATS = {
    "rows.parquet": parquet,
    "ids.arrow": arrow,
    "manifest.avro": avro("deflate"),
    "manifest2.avro": avro("null"),
    "catalog.db": sqlite,
    "notes.json": lambda path, text: path.write_text(json.dumps({"said": text})),
    "more.jsonl": lambda path, text: path.write_text(json.dumps([text], ensure_ascii=False) + "\n"),
    "page.html": lambda path, text: path.write_text(
        "<p>" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    ),
    "packed.gz": lambda path, text: path.write_bytes(gzip.compress(text.encode())),
    "names.npy": lambda path, text: np.save(path, np.array([text])),
    "names.npz": lambda path, text: np.savez_compressed(path, names=np.array([text])),
    "no_ending": lambda path, text: path.write_bytes(b"\x00\xff" + text.encode() + b"\x00"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_is_found_in_every_format_and_only_where_it_is(tmp_path, name):
    FORMATS[name](tmp_path / name, SAID)
    assert held(tmp_path / name, texts=[SAID])
    assert not held(tmp_path / name, texts=[SAID + "!"])


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "page.html"])
@pytest.mark.parametrize("member", ["M-00042", "0f8fad5b-d9cb-469f-a165-70867728950e", "1234567890"])
def test_an_id_is_found_in_every_format_but_not_within_a_longer_one(tmp_path, name, member):
    FORMATS[name](tmp_path / name, member)
    assert held(tmp_path / name, words=[member])
    assert not held(tmp_path / name, words=[member[:-1]])


@pytest.mark.parametrize("member", ["7", "4213", "1234567"])
@pytest.mark.parametrize("name", ["rows.parquet", "ids.arrow", "catalog.db", "notes.json", "more.jsonl"])
def test_an_id_that_reads_like_a_count_is_found_as_a_value_alone(tmp_path, name, member):
    FORMATS[name](tmp_path / name, member)
    assert held(tmp_path / name, words=[member])
    FORMATS[name](tmp_path / f"other-{name}", f"{member} rows, [1,{member},2], {member}8")
    assert not held(tmp_path / f"other-{name}", words=[member])
    (tmp_path / "counts.json").write_text(json.dumps({"rows_in": int(member), "ids": [1, int(member), 2]}))
    (tmp_path / "compact.json").write_text(f'{{"rows":{member},"ids":[1,{member},2]}}')
    assert scan([tmp_path / "counts.json", tmp_path / "compact.json"], Needles([member], [])).holding == []


def test_values_that_stand_beside_each_other_are_not_read_as_one(tmp_path):
    pq.write_table(pa.table({"id": ["m1", "2", "9", "m3"]}), tmp_path / "a.parquet")
    assert {word for word in ("m1", "m12", "9m3", "9") if held(tmp_path / "a.parquet", words=[word])} == {"m1", "9"}


def test_a_text_that_lies_across_two_pieces_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.upkeep.decoding._RAW_BYTES", 10)
    (tmp_path / "file").write_bytes(b"." * 7 + b"abcdef" + b"." * 7)
    assert scan([tmp_path / "file"], Needles(["abcdef"], [])).holding == [tmp_path / "file"]


def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path):
    for name in ("torn.parquet", "torn.avro", "torn.db", "torn.gz", "torn.arrow", "torn.npz"):
        (tmp_path / name).write_bytes(b"no such format " * 100)
    seen = scan(files_below(tmp_path), Needles(["m1"], []))
    assert len(seen.undecodable) == seen.files == 6 and seen.bytes == 6 * 1500


def test_folders_that_are_left_out_are_not_read(tmp_path):
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_text("m1")
    assert scan(files_below(tmp_path, {tmp_path / "out"}), Needles(["m1"], [])).holding == [tmp_path / "in" / "file"]
