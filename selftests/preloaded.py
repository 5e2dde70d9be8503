"""What every run would read and build anew, and always alike: done once, before runs are forked.

Templates, schemas, statements and models; no plugin, no option and no connection is among them.
"""

import gc
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import conftest
from oracle.generated import examples
from platforms import adapters
from platforms.statements import gate_statements
from reports.record import load_record
from reports.renderings import render_all

GOLDEN = Path(__file__).parent / "golden" / "record-ready.json"

# What pytest itself loads, plugins and tests, it must load anew, as Python does what it runs.
ANEW = (".test_", ".__main__")
for package in ("fixtures", "acceptance"):
    for module in iter_modules([str(Path(__file__).parents[1] / package)], f"{package}."):
        if module.name not in conftest.pytest_plugins and not any(
            part in module.name for part in ANEW
        ):
            import_module(module.name)
adapters.reference()
gate_statements()
render_all(load_record(GOLDEN.read_bytes()))
examples()
# Nothing of this will ever be garbage: no run need look through it, and so copy its pages, to know.
gc.collect()
gc.freeze()
