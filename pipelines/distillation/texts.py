"""Kernel: the short texts that a student learns from."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from pipelines.distillation.config import DistillationConfig

_MAX_CHARS = 500  # about 100 tokens
_MIN_LETTERS = 3
_SHARES = (0.6, 0.1, 0.3)  # of titles, openings, lines and sentences
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")


def training_texts(texts: Iterable[str], *, config: DistillationConfig) -> list[str]:
    """At most `max_texts` distinct short texts: six in ten titles, one an opening, the rest lines and sentences.

    Where one kind runs out, the others fill its place. An opening is a title with what follows it: the shape of the
    texts that are embedded. The same set of `texts` gives the same list, whatever their order: hashes decide what is
    drawn. Spellings that differ in case count once.

    Args:
        texts: whole texts of postings and members, one line after the other; the first line of each is its
            title, which may be empty.
        config: `max_texts` and the training's seed count.
    """
    titles, openings, pieces = (_Draw(config.max_texts, config.training.seed) for _ in range(3))
    for text in texts:
        title, *rest = map(_cleaned, text.split("\n"))
        rest = [line for line in rest if line]
        titles.offer(_shortened(title))
        if title and rest:
            openings.offer(_shortened(" ".join([title, *rest])))
        for line in rest:
            for piece in _pieces(line):
                pieces.offer(_shortened(piece))
    drawn = [draw.by_rank() for draw in (titles, openings, pieces)]
    chosen: dict[int, str] = {}
    for kind, share in [*zip(drawn, _SHARES, strict=True), *((kind, 1.0) for kind in drawn)]:
        room = min(int(share * config.max_texts), config.max_texts - len(chosen))
        fresh = [(rank, text) for rank, text in kind.items() if rank not in chosen]
        chosen.update(fresh[:room])
    return [chosen[rank] for rank in sorted(chosen)]


class _Draw:
    """The `size` texts of lowest rank among all that were offered; memory does not grow with the offers."""

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._key = str(seed).encode()
        self._kept: dict[int, str] = {}
        self._bar = 2**64

    def offer(self, text: str) -> None:
        if len(_LETTER.findall(text)) < _MIN_LETTERS:
            return
        digest = hashlib.blake2b(text.casefold().encode(), digest_size=8, key=self._key).digest()
        rank = int.from_bytes(digest, "big")
        if rank < self._bar:
            self._kept[rank] = min(text, self._kept.get(rank, text))
        if len(self._kept) > 2 * self._size:
            self._kept = self.by_rank()
            self._bar = max(self._kept) + 1

    def by_rank(self) -> dict[int, str]:
        return dict(sorted(self._kept.items())[: self._size])


def _pieces(line: str) -> Iterator[str]:
    yield line
    sentences = _SENTENCE_END.split(line)
    if len(sentences) > 1:
        yield from sentences


def _cleaned(line: str) -> str:
    return " ".join(line.split())


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_CHARS else text[:_MAX_CHARS].rsplit(" ", 1)[0]
