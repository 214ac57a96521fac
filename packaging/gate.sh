#!/usr/bin/env bash
# The gate: style, layers, types, the wheel, the other Pythons, the suite. `make test` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
export QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 MNE_DONTWRITE_HOME=true
# shellcheck disable=SC1091
. .venv/bin/activate
fast="not slow and not gpu and not frozen"
order=--randomly-seed=20261126  # shuffled, but what the gate says can be seen again elsewhere

ruff format --check .
ruff check .
lint-imports
mypy

rm -rf build/dist build/installed
python -m build --wheel --outdir build/dist . > /dev/null
wheel=$(ls build/dist/*.whl)
python packaging/smoke.py "$wheel"

# every check runs once: what we ship (the core and every method's own checks) on the built wheel,
pip install -q --no-deps --no-compile --target build/installed "$wheel"
NEUROSTUDIO_WHEEL="$PWD/build/installed" PYTHONSAFEPATH=1 PYTHONPATH="$PWD/build/installed" \
    python -m pytest -q $order -m "$fast" tests/core tests/test_layout.py tests/test_every_method.py

# the desktop and the plugins on the checkout; last, so that its closing line is the one that is read
python -m pytest $order -m "$fast" --ignore tests/core --ignore tests/test_every_method.py tests
