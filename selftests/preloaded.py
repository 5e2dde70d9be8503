"""What every run would read and build anew, and always alike: done once, before runs are forked.

What is installed, templates, schemas, statements and models; no plugin, no option and no connection
is among them.
"""

import gc
from functools import cached_property
from importlib import import_module, metadata
from pathlib import Path
from pkgutil import iter_modules

import conftest
from fixtures import PLUGINS
from fixtures.redaction import common_words
from oracle.generated import examples
from oracle.traps import shown_by_traps
from platforms import adapters
from platforms.relations.reading import read_statements
from platforms.statements import gate_statements
from platforms.trees import tree_of
from reports.files import tool_facts
from reports.record import load_record
from reports.renderings import render_all

GOLDEN = Path(__file__).parent / "golden" / "record-ready.json"

# pytest asks fourteen times a run what is installed, and reads every package's list each time;
# the evidence asks for the versions of its plugins.
INSTALLED = list(metadata.distributions())
for name in ("entry_points", "files", "metadata"):
    once = cached_property(vars(metadata.Distribution)[name].fget)
    once.__set_name__(metadata.Distribution, name)
    setattr(metadata.Distribution, name, once)
vars(metadata)["distributions"] = lambda: INSTALLED
for distribution in INSTALLED:
    if any(plugin.group == "pytest11" for plugin in distribution.entry_points):
        assert distribution.files

# What pytest itself loads, plugins and tests, it must load anew, as Python does what it runs.
ANEW = (".test_", ".__main__")
for package in ("fixtures", "acceptance"):
    for module in iter_modules([str(Path(__file__).parents[1] / package)], f"{package}."):
        if module.name not in [*conftest.pytest_plugins, *PLUGINS] and not any(
            part in module.name for part in ANEW
        ):
            import_module(module.name)
reference = adapters.reference().description
shown_by_traps(reference.rules.rules, frozenset({reference.previewed, reference.answered}))
for statement in read_statements(adapters.reference()).values():
    tree_of(statement.parts[0])
gate_statements()
tool_facts()
common_words()
render_all(load_record(GOLDEN.read_bytes()))
examples()
# Nothing of this will ever be garbage: no run need look through it, and so copy its pages, to know.
gc.collect()
gc.freeze()
