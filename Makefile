# Every target is a line that can be typed as it stands; .ci/bootstrap.py makes the environment first.
PYTHON ?= python3
IN_ENVIRONMENT = $(PYTHON) .ci/bootstrap.py
WITH_TESTS = $(IN_ENVIRONMENT) --extras test

.PHONY: demo test lab build lint check lock clean

demo:  ## grade a class of 24 submissions of lesson 01
	$(IN_ENVIRONMENT) autograder demo

test:  ## run all tests, a file at a time on each core
	$(WITH_TESTS) pytest -n auto --dist loadfile

lab:  ## open lesson 01 in JupyterLab (which asks root for a flag of its own)
	$(IN_ENVIRONMENT) jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --LabApp.default_url=/lab/tree/lessons/01_activations/01_activations.ipynb

build:  ## make the notebooks from solutions/*.md
	$(IN_ENVIRONMENT) autograder build

lint:
	$(WITH_TESTS) ruff check
	$(WITH_TESTS) ruff format --check

check: lint test  ## all that CI checks, but for live PyTorch and the benchmarks
	$(IN_ENVIRONMENT) autograder build --check

lock:  ## pin the newest versions in .ci/constraints.txt; PyTorch is pinned by its extra instead
	echo torch | $(IN_ENVIRONMENT) uv pip compile pyproject.toml --group setup --all-extras --excludes - --upgrade \
		--universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
		--quiet --output-file .ci/constraints.txt

clean:  ## remove the environment and the demonstration's course
	rm -rf .venv demo-course
