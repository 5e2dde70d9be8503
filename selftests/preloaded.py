"""What every run would read and build anew, and always alike: done once, before runs are forked.

Templates, schemas, statements and models; no plugin, no option and no connection is among them.
"""

import gc
from pathlib import Path

from platforms import adapters
from platforms.statements import gate_statements
from reports.record import load_record
from reports.renderings import render_all

GOLDEN = Path(__file__).parent / "golden" / "record-ready.json"

adapters.reference()
gate_statements()
render_all(load_record(GOLDEN.read_bytes()))
# Nothing of this will ever be garbage: no run need look through it, and so copy its pages, to know.
gc.collect()
gc.freeze()
