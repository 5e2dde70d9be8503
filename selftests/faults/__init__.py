"""The catalogue of faults: broken platforms, data and runs, each of which the gate must refuse."""
