"""Kernel: retrieval benchmarks, read from the folder shapes in which they are passed around."""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.publishing.artifacts import replace_text
from schemas.errors import ConfigError, listed

_SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class Benchmark:
    """Queries, documents, and which documents are right for which query.

    Args:
        name: what figures call it.
        queries: query id -> text; each has a relevant document.
        corpus: document id -> text; equal texts under two ids are two documents.
        relevant: query id -> document id -> gain, above 0.
        slices: name -> ids of the queries that are also measured apart.
        left_out: how many queries came without any relevant document, and are not among `queries`.
    """

    name: str
    queries: Mapping[str, str]
    corpus: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]
    slices: Mapping[str, Set[str]] = field(default_factory=dict)
    left_out: int = 0


def assembled(
    name: str,
    queries: Mapping[str, str],
    corpus: Mapping[str, str],
    judged: Iterable[tuple[str, str, float]],
    slices: Mapping[str, Set[str]] | None = None,
) -> Benchmark:
    """The benchmark of these judgements (query, document, gain); queries without a relevant document are left out.

    >>> assembled("b", {"q": "a", "r": "b"}, {"d": "c"}, [("q", "d", 1.0), ("r", "d", 0.0)]).queries
    {'q': 'a'}
    """
    relevant: dict[str, dict[str, float]] = {}
    for query, document, gain in judged:
        if gain > 0:
            relevant.setdefault(query, {})[document] = gain
    asked = {query: text for query, text in queries.items() if query in relevant}
    return Benchmark(name, asked, corpus, relevant, slices or {}, left_out=len(queries) - len(asked))


def read_benchmark(folder: Path) -> Benchmark:
    """The benchmark in `folder`, called by the folder's name.

    Two shapes are known. Tables without headers: `queries.tsv` and `corpus_elements.tsv` (id, text) with
    `annotations.tsv` (query, 0, document, gain). BEIR's: `queries.jsonl` and `corpus.jsonl` (`_id`, `title`, `text`)
    with `qrels.tsv`, `qrels/test.tsv` or the only file of `qrels/` (a header, then query, document, gain). Documents
    of gain 0 or less are not relevant.

    Raises:
        ConfigError: files are missing or broken, or judge what is unknown; all problems are listed.
    """
    problems: list[str] = []
    if (folder / "queries.jsonl").exists():
        texts = [_json_texts(folder / f"{kind}.jsonl", problems) for kind in ("queries", "corpus")]
        judged = _judgements(_beir_judgements(folder, problems), problems, header=True)
    elif (folder / "queries.tsv").exists():
        texts = [_table_texts(folder / f"{kind}.tsv", problems) for kind in ("queries", "corpus_elements")]
        judged = _judgements(folder / "annotations.tsv", problems, header=False)
    else:
        raise ConfigError(f"{folder} holds no benchmark: neither queries.tsv nor queries.jsonl is there")
    queries, corpus = texts
    if not problems:
        problems += _unknown("query", {query for query, _, _ in judged} - queries.keys(), "queries")
        problems += _unknown("document", {document for _, document, _ in judged} - corpus.keys(), "corpus")
    if not problems and not any(gain > 0 for _, _, gain in judged):
        problems.append("no query has a relevant document")
    if problems:
        more = len(problems) - _SHOWN_PROBLEMS
        shown = problems[:_SHOWN_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
        raise ConfigError(listed(f"{len(problems)} problem(s) in benchmark {folder}:", shown))
    return assembled(folder.resolve().name, queries, corpus, judged)


def write_benchmark(
    folder: Path,
    queries: Iterable[tuple[str, str]],
    corpus: Iterable[tuple[str, str]],
    judgements: Iterable[tuple[str, str, float]],
) -> None:
    """`read_benchmark(folder)` reads these rows from now on, in BEIR's shape."""
    for kind, texts in (("queries", queries), ("corpus", corpus)):
        lines = [json.dumps({"_id": name, "text": text}, ensure_ascii=False) for name, text in texts]
        replace_text(folder / f"{kind}.jsonl", "".join(f"{line}\n" for line in lines))
    judged = [f"{query}\t{document}\t{gain}" for query, document, gain in judgements]
    replace_text(folder / "qrels.tsv", "".join(f"{line}\n" for line in ["query\tdocument\tgain", *judged]))


def _lines(path: Path, problems: list[str]) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with where it is."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # a text may hold other line ends
    except FileNotFoundError:
        problems.append(f"{path.name}: missing")
        return
    except UnicodeDecodeError:
        problems.append(f"{path.name}: not UTF-8")
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield f"{path.name} line {number}", line.removesuffix("\r")


def _table_texts(path: Path, problems: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for where, line in _lines(path, problems):
        name, tab, text = line.partition("\t")
        if not tab:
            problems.append(f"{where}: an id, a tab and a text are needed")
        elif texts.setdefault(name, text) is not text:
            problems.append(f"{where}: the id occurs before")
    return texts


def _json_texts(path: Path, problems: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for where, line in _lines(path, problems):
        try:
            row = json.loads(line)
            name, text = str(row["_id"]), f"{row.get('title') or ''} {row['text']}".strip()
        except (ValueError, KeyError, TypeError, AttributeError):
            problems.append(f"{where}: a JSON object with _id and text is needed")
            continue
        if texts.setdefault(name, text) is not text:
            problems.append(f"{where}: the id occurs before")
    return texts


def _beir_judgements(folder: Path, problems: list[str]) -> Path:
    if (folder / "qrels.tsv").exists():
        return folder / "qrels.tsv"
    files = sorted((folder / "qrels").glob("*.tsv"))
    if len(files) > 1 and folder / "qrels" / "test.tsv" not in files:
        problems.append(f"qrels: which of {', '.join(path.name for path in files)}? none is called test.tsv")
    return files[0] if len(files) == 1 else folder / "qrels" / "test.tsv"


def _judgements(path: Path, problems: list[str], *, header: bool) -> list[tuple[str, str, float]]:
    """Query, document and gain of each line."""
    judged = []
    for where, line in list(_lines(path, problems))[1 if header else 0 :]:
        fields = line.split("\t")
        try:
            judged.append((fields[0], fields[-2], float(fields[-1])))
        except (ValueError, IndexError):
            problems.append(f"{where}: a query, a document and a gain are needed")
    return judged


def _unknown(kind: str, names: Set[str], file: str) -> list[str]:
    return [f"{kind} {name} is judged and not among the {file}" for name in sorted(names)]
