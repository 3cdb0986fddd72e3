"""Kernel: corpus rows as documents, whose titles and lines the teacher reads."""

from collections.abc import Iterable, Iterator

from pipelines.distillation.lessons import CorpusRow


def documents(rows: Iterable[CorpusRow]) -> Iterator[str]:
    r"""Title and text of each row that has any, a line each; a text that stands alone is no title.

    >>> list(documents([CorpusRow("1", "Nurses", "RN", None, None), CorpusRow("1", None, None, "Give care.", None)]))
    ['Nurses', 'RN', '\nGive care.']
    """
    for row in rows:
        if row.job_name:
            yield row.job_name
        if row.title or row.text:
            yield "\n".join(line for line in (row.title or "", row.text) if line is not None)
