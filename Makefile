# neurostudio: two commands for a fresh machine, `make demo` and `make test`; the rest for developers.
PYTHON ?= python3
BIN = .venv/bin
export MNE_DONTWRITE_HOME = true

.PHONY: demo test late slow coverage bench docs check format clean

demo:           ## set up, then open the desktop on a sample session (off screen: build/demo.png)
	$(PYTHON) packaging/set_up.py gui train
	@mkdir -p build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
	    $(BIN)/neurostudio demo; \
	else \
	    QT_QPA_PLATFORM=offscreen $(BIN)/neurostudio demo --screenshot build/demo.png; \
	fi

test:           ## set up, then the gate: style, layers, types, wheel, other Pythons, tests
	$(PYTHON) packaging/set_up.py gui train scale icalabel graphs test
	bash packaging/gate.sh

late:           ## the window's checks while all that other threads tell comes up to 0.3 s late
	QT_QPA_PLATFORM=offscreen NEUROSTUDIO_LATE=0.3 $(BIN)/python -m pytest \
	    -m "not slow and not gpu and not frozen" tests/ui

slow:           ## the long scientific checks; their figures stand in docs/evidence.md
	$(PYTHON) packaging/set_up.py gui train scale icalabel graphs test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "slow and not opengl" tests
	if command -v xvfb-run > /dev/null; then xvfb-run -a -s "-screen 0 1600x1000x24" \
	    env QT_QPA_PLATFORM=xcb $(BIN)/python -m pytest -m opengl tests/ui; \
	else echo "The checks of OpenGL need xvfb: apt-get install xvfb xauth"; exit 1; fi

coverage:       ## which lines the fast checks reach
	$(PYTHON) packaging/set_up.py gui train scale icalabel graphs test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "not slow and not gpu and not frozen" --cov \
	    --cov-report=term:skip-covered tests

bench:          ## speed and memory, into build/bench.json
	$(PYTHON) packaging/set_up.py gui train bench
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/neurostudio bench

docs:           ## write docs/methods anew from what the plugins say
	$(BIN)/python packaging/make_pages.py

check:          ## the quick part of the gate
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/lint-imports && $(BIN)/mypy

format:
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean:
	rm -rf build dist .venv
