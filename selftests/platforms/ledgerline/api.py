"""The calls: snake_case in an envelope, a key in ``X-Api-Key``, errors by their rule's name."""

import hmac
from datetime import date

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyHeader

from selftests.platforms.ledgerline import VERSION, answers, billing
from selftests.platforms.ledgerline.answers import (
    AccountRequest,
    DraftRequest,
    ErrorAnswer,
    Health,
    InvoiceAnswer,
    PaymentRequest,
)
from selftests.platforms.ledgerline.refusals import STATUS, Refused, Rule

Made = Status[InvoiceAnswer]
ERRORS = {frozenset({400, 401, 404, 409, 422, 503}): ErrorAnswer}


class Key(APIKeyHeader):
    """The key that callers have."""

    param_name = "X-Api-Key"

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:
        """Tell whether it is this server's."""
        return is_ours(key or "")


def is_ours(key: str) -> bool:
    """Compare a key with this server's, in a time that tells nothing."""
    return hmac.compare_digest(key.encode(), settings.API_KEY.encode())


api = NinjaAPI(title="Ledgerline billing", version=VERSION, auth=Key(), docs_url=None)


@api.post("/v2/invoices", response={201: InvoiceAnswer, **ERRORS})
def draft_invoice(request: HttpRequest, asked: DraftRequest) -> Made:
    """Make a draft of the month."""
    month = date.fromisoformat(f"{asked.month}-01")
    return Status(201, answers.told(billing.draft(asked.account_id, month)))


@api.get("/v2/invoices/{int:id}", response={200: InvoiceAnswer, **ERRORS})
def read_invoice(request: HttpRequest, id: int, account_id: int) -> InvoiceAnswer:
    """Return an account's invoice."""
    return answers.told(billing.find(account_id, id))


@api.delete("/v2/invoices/{int:id}", response={204: None, **ERRORS})
def delete_draft(request: HttpRequest, id: int, account_id: int) -> Status[None]:
    """Take a draft back; it stays on record as void."""
    billing.cancel(account_id, id)
    return Status(204, None)


@api.post("/v2/invoices/{int:id}/send", response={200: InvoiceAnswer, **ERRORS})
def send_invoice(request: HttpRequest, id: int, asked: AccountRequest) -> InvoiceAnswer:
    """Give a draft its number and send it."""
    return answers.told(billing.send(asked.account_id, id))


@api.post("/v2/invoices/{int:id}/payments", response={201: InvoiceAnswer, **ERRORS})
def pay_invoice(request: HttpRequest, id: int, asked: PaymentRequest) -> Made:
    """Take the payment of an invoice: its total."""
    return Status(201, answers.told(billing.pay(asked.account_id, id, asked.amount_cents)))


@api.post("/v2/invoices/{int:id}/void", response={200: InvoiceAnswer, **ERRORS})
def void_invoice(request: HttpRequest, id: int, asked: AccountRequest) -> InvoiceAnswer:
    """Take an invoice back that was sent and is not paid."""
    return answers.told(billing.void(asked.account_id, id))


@api.get("/health", auth=None, response=Health)
def tell_health(request: HttpRequest) -> Health:
    """Tell which build answers."""
    return Health(version=VERSION)


def refused(request: HttpRequest, rule: str, message: str, status: int) -> HttpResponse:
    """Return an error in its envelope."""
    error = {"error": {"code": rule, "message": message}}
    return api.create_response(request, error, status=status)


@api.exception_handler(Refused)
def tell_refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """Answer what a rule forbids."""
    return refused(request, error.rule, str(error), STATUS[error.rule])


@api.exception_handler(AuthenticationError)
def tell_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer whoever has no key, or a wrong one."""
    return refused(request, Rule.UNAUTHORIZED, "send the key as X-Api-Key", 401)


@api.exception_handler(ValidationError)
def tell_what_cannot_be_read(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a request that does not say what it must."""
    wrong = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors]
    return refused(request, Rule.BAD_REQUEST, "; ".join(wrong), 400)


@api.exception_handler(HttpError)
def tell_bad_request(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer a body that is no JSON."""
    return refused(request, Rule.BAD_REQUEST, str(error), error.status_code)


@api.exception_handler(OperationalError)
def tell_busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """Answer while the database is away, or lets a call wait too long."""
    return refused(request, Rule.BUSY, "the database is busy: try again", 503)
