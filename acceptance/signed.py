"""Check S1.7: the terms that the platform has stored are those that were signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from fixtures.findings import Finding, found, listed, not_run
from oracle.contract import Contract
from oracle.rules import Rules
from oracle.terms import read_terms
from platforms.statements import Row
from runbook.words import counted

NO_CONTRACT = "terms as stored; no contract was given"


@dataclass(frozen=True)
class Comparison:
    """A contract, how what is stored differs from it, and what nothing that is stored tells."""

    contract: Contract
    differences: tuple[str, ...]
    by_bills: tuple[str, ...]


def compare(contract: Contract | None, stored: Iterable[Row], rules: Rules) -> Comparison | None:
    """Compare stored terms with a contract; ``None`` where none was given."""
    if contract is None:
        return None
    from oracle.comparison import judged_by_bills, unlike  # noqa: PLC0415 - few runs have a contract

    differences = unlike(contract, [*map(read_terms, stored)], rules)
    return Comparison(contract, tuple(differences), tuple(judged_by_bills(contract, rules)))


def judge_terms(comparison: Comparison | None, table: str) -> Finding:
    """Judge S1.7."""
    if comparison is None:
        return not_run(NO_CONTRACT)
    contract, differences = comparison.contract, comparison.differences
    wanted = f"{counted(len(contract.terms), 'term')} of {contract}"
    details = [f"correct the terms in {table}, or the contract"] if differences else []
    if alone := ", ".join(comparison.by_bills):
        details.append(f"told by no table, and judged by the bills alone: {alone}")
    return found(not differences, listed(differences) or wanted, wanted, "; ".join(details))
