"""Check S1.7: the terms that the platform has stored are those that were signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.findings import Finding, found, listed, not_run
from oracle.contract import Contract
from oracle.rules import Rules
from platforms.obstacles import UNREADABLE, Aborted, first_line
from platforms.relations.survey import Survey
from platforms.statements import Row, Tables
from runbook.words import counted

if TYPE_CHECKING:
    from oracle.kept import Kept

NO_CONTRACT = "terms as stored; no contract was given"
RELATIONS = ("terms", "tiers", "agreed")


@dataclass(frozen=True)
class Comparison:
    """A contract, and how what is stored differs from it.

    ``compared`` is what was agreed beside rates and is stored, ``by_bills`` what is not.
    """

    contract: Contract
    differences: tuple[str, ...]
    compared: tuple[str, ...]
    by_bills: tuple[str, ...]


def read_stored(tables: Tables, survey: Survey, tenant_id: str) -> "Kept":
    """Read all that the platform's relations tell of what was agreed with a tenant."""
    from oracle.kept import read_kept  # noqa: PLC0415 - few runs have a contract

    terms, tiers, agreed = (_read(tables, name, tenant_id) for name in RELATIONS)
    columns = survey.columns
    facts = {*columns.get("agreed", ()), *(["tiers"] if "tiers" in columns else ())}
    facts |= {f"tiers.{column}" for column in columns.get("tiers", ())}
    return read_kept(terms, tiers, agreed, facts)


def _read(tables: Tables, name: str, tenant_id: str) -> list[Row]:
    try:
        return tables.rows(name, tenant_id=tenant_id)
    except UNREADABLE as error:
        raise Aborted(
            f"a row of {name} cannot be read: {first_line(error)}; python -m platforms check, with "
            "the description's folder, names the column: select it in a way that every row stands"
        ) from None


def compare(contract: Contract | None, kept: "Kept | None", rules: Rules) -> Comparison | None:
    """Compare what is stored with a contract; ``None`` where none was given."""
    if contract is None or kept is None:
        return None
    from oracle.comparison import judged_by_bills, unlike  # noqa: PLC0415 - few runs have a contract

    by_bills = judged_by_bills(contract, rules, kept.facts)
    compared = [what for what in judged_by_bills(contract, rules) if what not in by_bills]
    differences = unlike(contract, kept, rules)
    return Comparison(contract, tuple(differences), tuple(compared), tuple(by_bills))


def judge_terms(comparison: Comparison | None, tables: Mapping[str, str]) -> Finding:
    """Judge S1.7; ``tables`` are those of the relations, as people know them."""
    if comparison is None:
        return not_run(NO_CONTRACT)
    contract, differences = comparison.contract, comparison.differences
    wanted = f"{counted(len(contract.terms), 'term')} of {contract}"
    named = dict.fromkeys(tables[name] for name in RELATIONS if name in tables)
    details = [f"correct the terms in {', '.join(named)}, or the contract"] if differences else []
    if compared := ", ".join(comparison.compared):
        details.append(f"compared as stored: {compared}")
    if alone := ", ".join(comparison.by_bills):
        details.append(f"told by no table, and judged by the bills alone: {alone}")
    return found(not differences, listed(differences) or wanted, wanted, "; ".join(details))
