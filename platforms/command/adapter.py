"""A platform without an API: a command that is asked in lines of JSON, in whatever language.

One process serves the whole run; what is said is told in ``docs/adapters.md``. Nothing is asked
twice: a pipe loses nothing, so what got no answer is told as such. A process that ended is followed
by another, once its end has been told to a caller.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from oracle.bill import Bill
from oracle.period import Period
from platforms.command.answers import Answers, Nonsense
from platforms.command.conversation import Conversation, Launch, Over
from platforms.description import Described
from platforms.port import Invoice, PlatformRefused
from platforms.quoting import DATABASE_URL, cleaner, shortened
from runbook.refusals import Rule

MESSAGE_CHARACTERS = 500
CODE_CHARACTERS = 100
# What a description calls a call, where that is not its own name.
DESCRIBED_AS = {"generate_draft": "draft"}

T = TypeVar("T")


class CommandAdapter:
    """Speaks with the command of a description; see :class:`~platforms.port.Platform`.

    It is given the variables that the description names, and ``DATABASE_URL``, from
    ``environment``. ``patience`` is how many seconds its hello, and any answer, may take; without
    it, as many as are described.
    """

    kind = "command"
    shares_transaction = False

    def __init__(
        self, described: Described, environment: Mapping[str, str], patience: float | None = None
    ) -> None:
        description, command = described.description, described.description.command
        if command is None:
            raise ValueError(f"{description.name} has no [command] in its description")
        self.name = f"command {Path(command.run[0]).name}"
        self._description = description
        self._answers = Answers(description)
        self.patience = command.seconds if patience is None else patience
        names = [*command.environment, DATABASE_URL]
        given = {name: environment[name] for name in names if name in environment}
        self._launch = Launch(tuple(command.run), described.folder, given)
        self._clean = cleaner(given)
        self._starting = Lock()
        self._conversation: Conversation | None = None

    def build(self) -> str:
        """See :class:`~platforms.port.Platform`."""
        return shortened(self._clean(self._talk("build").build), CODE_CHARACTERS)

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """See :class:`~platforms.port.Platform`."""
        told = self.ask("preview", tenant_id=tenant_id, **_bounds(period))
        return self._read("preview", self._answers.preview, told)

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self._invoice(
            "generate_draft",
            tenant_id=tenant_id,
            **_bounds(period),
            idempotency_key=idempotency_key,
        )

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """See :class:`~platforms.port.Platform`."""
        self.ask("cancel", tenant_id=tenant_id, invoice_id=invoice_id)

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self._invoice("issue", tenant_id=tenant_id, invoice_id=invoice_id)

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self._invoice("mark_paid", tenant_id=tenant_id, invoice_id=invoice_id)

    def void(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self._invoice("void", tenant_id=tenant_id, invoice_id=invoice_id)

    def find(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self._invoice("find", tenant_id=tenant_id, invoice_id=invoice_id)

    def for_intruders(self) -> None:
        """See :class:`~platforms.port.Platform`; who may run the command needs no token."""

    def close(self) -> None:
        """See :class:`~platforms.port.Platform`."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close()

    def ask(self, call: str, **members: str) -> Any:
        """Make a call and return what its answer holds under ``ok``; for overrides, too.

        Raises :class:`~platforms.port.PlatformRefused`, and
        :class:`~platforms.obstacles.Aborted` where there is no talking with the command.
        """
        for lack, why in self._description.lacks.items():
            if lack == call:
                raise self._broken(f"{call} was not asked: there is none: {why}")
        conversation = self._talk(call)
        try:
            answer = conversation.ask(call, members, self.patience)
        except Over as over:
            reason = f"{call} got no answer: the command {over}"
            raise PlatformRefused("platform_error", reason, lost=over.asked) from None
        told = [name for name in ("ok", "refused", "broken") if name in answer]
        if len(told) != 1:
            raise self._nonsense(call, f"{' and '.join(told) or 'none'} of ok, refused, broken")
        if told == ["ok"]:
            return answer["ok"]
        raise self._refusal(call, told[0], answer[told[0]])

    def _talk(self, call: str) -> Conversation:
        """Return the conversation; begin one where there is none, or the last one's end is told."""
        with self._starting:
            last = self._conversation
            if last is not None and not last.why_over:
                return last
            self._conversation = None
            if last is not None and not last.told_over:
                reason = f"{call} was not asked: the command {last.why_over}"
                raise PlatformRefused("platform_error", reason)
            begun = Conversation(self._launch, self.patience, self._clean)
            self._conversation = begun
            return begun

    def _invoice(self, call: str, **members: str) -> Invoice:
        return self._read(call, self._answers.invoice, self.ask(call, **members))

    def _read(self, call: str, read: Callable[[Any], T], told: Any) -> T:
        try:
            return read(told)
        except Nonsense as nonsense:
            raise self._nonsense(call, str(nonsense)) from None

    def _refusal(self, call: str, kind: str, told: Any) -> PlatformRefused:
        message = told.get("message") if isinstance(told, dict) else None
        if not isinstance(message, str):
            return self._nonsense(call, f"{kind}.message should be a text")
        if kind == "broken":
            return self._broken(f"{call} broke: {message}")
        codes = _codes(told.get("rule"))
        if not codes:
            return self._nonsense(call, "refused.rule should be a rule's name, or a list of names")
        rules = frozenset(rule for code in codes for rule in self._rules(call, code))
        named = shortened(self._clean(" or ".join(codes)), CODE_CHARACTERS)
        code = next(iter(rules)) if len(rules) == 1 else named
        return PlatformRefused(code, self._told(message), rules=rules)

    def _rules(self, call: str, code: str) -> list[Rule]:
        """Return the rule of that name, or those for which the description knows the code."""
        with suppress(ValueError):
            return [Rule(code)]
        call = DESCRIBED_AS.get(call, call)
        refusals = self._description.refusals.items()
        return [rule for rule, one in refusals if one.code is not None and one.fits(call, code)]

    def _nonsense(self, call: str, words: str) -> PlatformRefused:
        return self._broken(f"{call} answered nonsense: {words}")

    def _broken(self, words: str) -> PlatformRefused:
        return PlatformRefused("platform_error", self._told(words))

    def _told(self, words: str) -> str:
        return shortened(self._clean(words), MESSAGE_CHARACTERS)


def _codes(told: Any) -> list[str]:
    codes = [told] if isinstance(told, str) else told
    whole = isinstance(codes, list) and all(isinstance(code, str) and code for code in codes)
    return codes if whole else []


def _bounds(period: Period) -> dict[str, str]:
    return {"period_start": _instant(period.start), "period_end": _instant(period.end)}


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
