# Every target sets itself up: scripts/in-venv finds a Python >= 3.12, makes .venv and installs
# there what the command needs.
RUN = sh scripts/in-venv
TEST = $(RUN) --group test --group notebooks
CHECK = $(TEST) --group checks

.NOTPARALLEL:
.PHONY: help demo test check lint doctest slow docs pictures notebooks reference benchmarks clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: ## estimate how many victims the Dutch registers missed
	@$(RUN) darkfigure estimate netherlands --seed 1

test: ## the quick tests
	$(TEST) pytest -n auto --maxprocesses 4 -m "not slow"

check: lint test doctest ## all that a change must pass

lint: ## format, lint, import floors, types
	$(CHECK) ruff format --check .
	$(CHECK) ruff check .
	$(CHECK) lint-imports
	$(CHECK) mypy

doctest: ## the examples in the docstrings
	$(TEST) pytest --doctest-modules src

slow: ## coverage, calibration, notebooks that sample
	$(TEST) pytest -n auto --maxprocesses 4 -m slow --keep-calibration=docs/calibration tests

docs: ## the site, in docs/_build/html
	$(TEST) --group docs sphinx-build -W --keep-going -b html docs docs/_build/html

pictures: ## draw the pictures of the README again
	$(RUN) python docs/pictures.py

notebooks: ## run the notebooks again and keep their outputs
	$(TEST) jupyter-execute --inplace notebooks/*.ipynb

reference: ## the known errors that dk.calibrate learns from (minutes; LatentClass half an hour)
	$(RUN) python benchmarks/calibration_reference.py

benchmarks: ## the table of timings
	$(TEST) python benchmarks/run.py

clean: ## remove what was built, and .venv
	rm -rf .venv build dist jupyter_execute
	rm -rf docs/_build docs/generated docs/notebooks docs/reference/generated
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
