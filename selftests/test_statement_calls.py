"""Every call of a named statement gives the values that it asks for; every statement is used.

Method: the calls are read from the syntax trees of the packages, the statements from the files of
``sql`` and, where a description writes them, from what the gate promises to give. Values that come
in a mapping (``**piece``) are looked up where the module makes that mapping.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from itertools import product

import pytest

from fixtures.seeds import Seed
from platforms.relations.canonical import SCRATCH, WRITES
from platforms.statements import statements_of
from selftests.gate import PROJECT

PACKAGES = ("acceptance", "fixtures", "oracle", "platforms")
METHODS = ("rows", "row", "value", "act", "written_out")
GATE, PLATFORMS = statements_of("acceptance"), statements_of("platforms")
ASKED = {name: one.values for name, one in (GATE | PLATFORMS).items()}
# What a description's statement does not need, it is given all the same.
GIVEN = {**WRITES, **SCRATCH}

Keys = frozenset[str]


@dataclass(frozen=True)
class Called:
    """A call: which statements it may mean, and which values it may give."""

    where: str
    names: Keys
    given: tuple[Keys, ...]


class Module:
    """A module's calls of statements."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._tree = ast.parse(text)
        self.strings = _strings(self._tree)

    def calls(self) -> Iterator[Called]:
        """Yield each call; what a function only hands on is its caller's."""
        for scope in [self._tree, *_functions(self._tree)]:
            for node in _own_nodes(scope):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    name = _statement(node)
                    if name is not None and not _is_handed_on(name, scope):
                        where = f"{self._name}:{node.lineno}"
                        yield Called(where, _names(name, scope), tuple(self._given(node, scope)))

    def _given(self, call: ast.Call, scope: ast.AST) -> Iterator[Keys]:
        own = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
        spread = [self._mapping(k.value, scope) for k in call.keywords if k.arg is None]
        for chosen in product(*spread):
            yield own.union(*chosen)

    def _mapping(self, node: ast.expr, scope: ast.AST) -> list[Keys]:
        """Return the sets of keys that a mapping may have."""
        if isinstance(node, ast.Dict):
            return [frozenset(str(ast.literal_eval(key)) for key in node.keys if key)]
        if isinstance(node, ast.BinOp):
            sides = (self._mapping(side, scope) for side in (node.left, node.right))
            return [left | right for left, right in product(*sides)]
        if isinstance(node, ast.Call) and ast.unparse(node) == "asdict(seed)":
            return [frozenset(field.name for field in fields(Seed))]
        if isinstance(node, ast.Attribute):
            made = [f for f in _functions(self._tree) if f.name == node.attr]
            return [k for f in made for r in _returned(f) for k in self._mapping(r, f)]
        if isinstance(node, ast.Name):
            for place in (scope, self._tree):
                found = [(value, place) for value in _assigned(node.id, place)]
                if found:
                    return [keys for value, at in found for keys in self._mapping(value, at)]
        return []


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a scope, and not in a function within it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _own_nodes(child)


def _statement(call: ast.Call) -> ast.expr | None:
    """Return the name of the statement that is called, if one is."""
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr not in METHODS:
        return None
    if call.func.attr == "written_out":
        on = call.func.value
        return on.slice if isinstance(on, ast.Subscript) else None
    return call.args[0] if call.args else None


def _is_handed_on(name: ast.expr, scope: ast.AST) -> bool:
    arguments = scope.args if isinstance(scope, ast.FunctionDef) else None
    known = {a.arg for a in (*arguments.posonlyargs, *arguments.args)} if arguments else set()
    return isinstance(name, ast.Name) and name.id in known


def _names(name: ast.expr, scope: ast.AST) -> Keys:
    """Return the names that are written there, or those that the scope names a variable after."""
    known = ASKED.keys() | GIVEN.keys()
    if isinstance(name, ast.Name):
        return _strings(scope) & known
    return _strings(name)


def _strings(tree: ast.AST) -> Keys:
    nodes = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in nodes if isinstance(value, str))


def _assigned(name: str, place: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(place):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, ast.Assign)
            yield node.value


def _returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


@cache
def modules() -> tuple[Module, ...]:
    paths = [p for package in PACKAGES for p in sorted((PROJECT / package).rglob("*.py"))]
    return tuple(
        Module(str(path.relative_to(PROJECT)), path.read_text(encoding="utf-8")) for path in paths
    )


@cache
def calls() -> tuple[Called, ...]:
    return tuple(called for module in modules() for called in module.calls())


def misfits(called: Called) -> Iterable[str]:
    """Say how a call does not fit the statements that it may mean."""
    if not called.names or not called.given:
        yield "its name or its values cannot be read"
    for name in sorted(called.names):
        if name in GIVEN:
            if not any(GIVEN[name] <= given for given in called.given):
                yield f"{name} is to be given {sorted(GIVEN[name])}, not {called.given}"
        elif name not in ASKED:
            yield f"{name} is no statement"
        elif not any(ASKED[name] == given for given in called.given):
            yield f"{name} asks for {sorted(ASKED[name])}, not {called.given}"


def test_every_call_gives_its_statement_what_it_asks_for() -> None:
    told = {called.where: list(misfits(called)) for called in calls()}
    assert {where: wrong for where, wrong in told.items() if wrong} == {}


def test_there_are_calls_to_look_at() -> None:
    assert len(calls()) > 60


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('tables.rows("seed_keys")', "seed_keys asks for ['tenant_id'], not"),
        ('tables.rows("seed_keys", tenant_id=1, run=2)', "seed_keys asks for ['tenant_id'], not"),
        ('tables.rows("seeds_key", tenant_id=1)', "seeds_key is no statement"),
        ('tables.act("remove_events", ids=[])', "is to be given ['ids', 'tenant_id'], not"),
        ('tables.rows("seed_keys", **unheard_of)', "cannot be read"),
        ('tables.statements["seed_keys"].written_out(run=1)', "seed_keys asks for"),
    ],
)
def test_a_call_that_does_not_fit_is_found(call: str, words: str) -> None:
    (called,) = Module("example", call).calls()
    assert words in next(iter(misfits(called)))


@pytest.mark.parametrize("name", [*GATE, *PLATFORMS])
def test_every_statement_of_the_gate_is_used(name: str) -> None:
    assert [module for module in modules() if name in module.strings]


@pytest.mark.parametrize("name", GIVEN)
def test_every_write_of_a_description_is_used(name: str) -> None:
    assert [called for called in calls() if name in called.names]
