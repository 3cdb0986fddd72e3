"""Kernel: a run's figures as OpenMetrics text, which node_exporter's textfile collector reads as well."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from pipelines.night import Night
from pipelines.publishing.progress import Finished, Unfinished
from pipelines.quality.gate import GateReport


def openmetrics(
    env: str,
    night: Night,
    stages: Sequence[Finished],
    unfinished: Unfinished | None,
    gates: Mapping[str, GateReport],
) -> str:
    """The run so far, gauges only; docs/monitoring.md names them."""
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"nightmatch_{name}", meaning, ["env", *labels], registry=registry)

    gauge("run", "The run that the other gauges are of.", "run_date", "run_id").labels(
        env, str(night.run_date), night.run_id
    ).set(1)
    published = any(finished.stage == "publish" for finished in stages)
    gauge("run_published", "Whether readers see the run.").labels(env).set(published)
    broken = unfinished.exit_code if unfinished else None
    gauge("run_exit_code", "Exit code of the stage that broke off, or 0.").labels(env).set(broken or 0)
    seconds = gauge("stage_seconds", "How long a stage took.", "stage")
    ends = gauge("stage_end_seconds", "When a stage ended, Unix time.", "stage")
    rows = gauge("stage_rows", "Rows that a stage read, wrote and rejected.", "stage", "rows")
    for one in stages:
        seconds.labels(env, one.stage).set(one.seconds)
        ends.labels(env, one.stage).set(one.started_at.timestamp() + one.seconds)
        counted = {"in": one.counts.rows_in, "out": one.counts.rows_out, "rejected": one.counts.rows_rejected}
        for kind, count in counted.items():
            if count is not None:
                rows.labels(env, one.stage, kind).set(count)
    took = gauge("gate_seconds", "How long a gate took, within its stage.", "gate")
    for gate, report in gates.items():
        took.labels(env, gate).set(report.seconds)
    passed = gauge("rule_passed", "Whether a quality rule held.", "gate", "rule", "severity")
    observed = gauge("rule_observed", "What a quality rule measured.", "gate", "rule")
    for result in (result for report in gates.values() for result in report.results):
        if result.passed is not None:
            passed.labels(env, result.gate, result.name, result.severity).set(result.passed)
        if result.observed is not None:
            observed.labels(env, result.gate, result.name).set(result.observed)
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text.decode()
