"""Where the calls are, and the shape of errors that no call makes."""

import json
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import path

from selftests.platforms.ledgerline.api import api

GetResponse = Callable[[HttpRequest], HttpResponse]

urlpatterns = [path("", api.urls)]


def errors_in_one_shape(get_response: GetResponse) -> GetResponse:
    """Put errors of Django itself, of an unknown path or a failure, into the envelope."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        told = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < HTTPStatus.BAD_REQUEST or told:
            return response
        status = HTTPStatus(response.status_code)
        error = {"code": status.name, "message": status.phrase}
        response.headers["Content-Type"] = "application/json"
        response.content = json.dumps({"error": error})
        return response

    return respond
