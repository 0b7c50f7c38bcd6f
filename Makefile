# make: the report. make test: the tests. make quick: a report in about a minute. make check: before a commit.
# make clean-environment: remove the virtual environment, which the next command makes anew.

PYTHON ?= python3
ENVIRONMENT = .venv
READY = $(ENVIRONMENT)/ready
RUN = . $(ENVIRONMENT)/bin/activate &&
REPORT = $(RUN) python build_report.py
OPTIONS ?=

.PHONY: report quick test check clean-environment
report: $(READY)
	$(REPORT) $(OPTIONS)

quick: $(READY)
	$(REPORT) --profile quick $(OPTIONS)

test: $(READY)
	$(RUN) pytest $(OPTIONS)

check: $(READY)
	$(RUN) ruff check . && ruff format --check . && pytest $(OPTIONS)

clean-environment:
	rm -rf $(ENVIRONMENT)

# Made once, and again only when the requirements change. The folder's name may have spaces: all paths are relative.
$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Python 3.11 to 3.13 is needed: make PYTHON=python3.12")'
	rm -rf $(ENVIRONMENT)
	if command -v uv >/dev/null; then \
	  uv venv --quiet --python $(PYTHON) $(ENVIRONMENT) && $(RUN) uv pip install --quiet -r requirements-dev.txt; \
	else \
	  $(PYTHON) -m venv $(ENVIRONMENT) && $(RUN) python -m pip install --quiet -r requirements-dev.txt; \
	fi
	touch $(READY)
