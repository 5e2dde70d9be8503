"""Has Hypothesis draw the same examples each time, and end at the first that fails.

Whoever only asks whether a test fails needs no smaller example.
"""

from hypothesis import Phase, settings

settings.register_profile(
    "first failure",
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("first failure")
