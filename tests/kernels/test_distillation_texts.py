import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import load_config
from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.texts import training_texts
from tests.conftest import PROJECT

DEFAULTS = load_config(PROJECT / "conf", "sample", {}).distillation


def config(seed=7, **changed) -> DistillationConfig:
    given = DEFAULTS.model_dump()
    return DistillationConfig.model_validate({**given, **changed, "training": {**given["training"], "seed": seed}})


def test_a_text_gives_its_title_its_opening_its_lines_and_their_sentences():
    text = "Night nurse\n\n  Wards,   patients \nYou lead a team. You love nights!\n"
    assert set(training_texts([text], config=config())) == {
        "Night nurse",
        "Night nurse Wards, patients You lead a team. You love nights!",
        "Wards, patients",
        "You lead a team. You love nights!",
        "You lead a team.",
        "You love nights!",
    }


def test_spellings_that_differ_in_case_count_once_and_texts_without_words_not_at_all():
    assert training_texts(["Welder", "WELDER", "welder", "", "  ", "- 7 -", "42 %"], config=config()) == ["WELDER"]


def test_a_long_line_is_cut_at_a_space():
    (text,) = training_texts(["word " * 200], config=config())
    assert text == " ".join(["word"] * 100)  # 499 of the 500 characters that are kept


def test_six_in_ten_are_titles_one_an_opening_and_the_rest_lines_where_all_kinds_abound():
    documents = [f"title {'x' * n}\nline {'y' * n}\nline {'z' * n}" for n in range(1, 100)]
    drawn = training_texts(documents, config=config(max_texts=40))
    kinds = ["opening" if "title" in text and "line" in text else text.split()[0] for text in drawn]
    assert (kinds.count("title"), kinds.count("opening"), kinds.count("line")) == (24, 4, 12)


@pytest.mark.parametrize(("titles", "lines"), [(3, 99), (99, 3)])
def test_where_a_kind_runs_out_the_others_fill_its_place(titles, lines):
    documents = [f"title {'x' * n}" for n in range(titles)]
    documents.append("title\n" + "\n".join(f"line {'y' * n}" for n in range(lines)))
    assert len(training_texts(documents, config=config(max_texts=60))) == 60


def test_another_seed_draws_other_texts():
    documents = [f"title {'x' * n}" for n in range(99)]
    assert set(training_texts(documents, config=config(max_texts=30))) != set(
        training_texts(documents, config=config(max_texts=30, seed=8))
    )


@given(st.integers(1, 60), st.integers(1, 8))
def test_a_small_draw_is_the_beginning_of_a_large_one(n, max_texts):
    documents = [f"title {'x' * length}" for length in range(n)]
    everything = training_texts(documents, config=config(max_texts=n))
    assert training_texts(documents, config=config(max_texts=max_texts)) == everything[:max_texts]


words = st.text(alphabet="aAbB .\n", max_size=12)


@given(st.lists(words, max_size=30), st.randoms(use_true_random=False), st.integers(1, 6))
def test_order_and_repetition_of_the_texts_change_nothing(texts, random, max_texts):
    shuffled = texts + texts[: len(texts) // 2]
    random.shuffle(shuffled)
    drawn = training_texts(texts, config=config(max_texts=max_texts))
    assert drawn == training_texts(shuffled, config=config(max_texts=max_texts))
    assert len({text.casefold() for text in drawn}) == len(drawn) <= max_texts
