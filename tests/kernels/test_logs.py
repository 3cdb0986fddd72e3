"""A log line says what a person or a machine needs, with the run and the stage that it is of."""

import io
import json
import logging
import threading

import pytest

from pipelines.logs import log_handler, name_run, stage_named


class Terminal(io.StringIO):
    def isatty(self):
        return True


def lines_of(stream, tell):
    log, handler = logging.Logger("nightmatch"), log_handler(stream)
    log.addHandler(handler)
    tell(log)
    return stream.getvalue().splitlines()


@pytest.fixture(autouse=True)
def no_run():
    yield
    name_run()


def test_a_machine_reads_an_object_a_line_with_run_stage_and_counts():
    name_run(env="town", run_date="2026-11-02", run_id="2026-11-02-abc-1")

    def tell(log):
        with stage_named("embed"):
            log.info("%s: done", "embed", extra={"rows_in": 3, "seconds": 1.5})
        log.warning("after it")

    first, second = map(json.loads, lines_of(io.StringIO(), tell))
    run = {"env": "town", "run_date": "2026-11-02", "run_id": "2026-11-02-abc-1"}
    assert first.pop("time") <= second.pop("time")
    assert first == {"level": "INFO", "message": "embed: done", "stage": "embed", "rows_in": 3, "seconds": 1.5, **run}
    assert second == {"level": "WARNING", "message": "after it", **run}


def test_a_person_reads_the_message_alone():
    name_run(run_id="2026-11-02-abc-1")
    [line] = lines_of(Terminal(), lambda log: log.info("embed: done", extra={"rows_in": 3}))
    assert line.split(" ", 1)[1] == "INFO embed: done"


def test_threads_of_a_stage_tell_of_it_and_a_failed_stage_is_over():
    def tell(log):
        with pytest.raises(ZeroDivisionError), stage_named("match"):
            thread = threading.Thread(target=log.info, args=("searched",))
            thread.start()
            thread.join()
            _ = 1 / 0
        log.info("later")

    first, second = map(json.loads, lines_of(io.StringIO(), tell))
    assert first["stage"] == "match"
    assert "stage" not in second


def test_another_run_is_told_of_by_its_own_fields_alone():
    name_run(run_id="a", env="town")
    name_run(run_id="b")
    [line] = map(json.loads, lines_of(io.StringIO(), lambda log: log.info("x")))
    assert line["run_id"] == "b"
    assert "env" not in line
