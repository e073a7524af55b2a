"""Logging in: the OAuth 2 token endpoint, and the SOAP call that older clients use."""

from __future__ import annotations

import base64
import binascii
import time
from html import escape
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from tandem.sandbox import soap
from tandem.sandbox.context import Sandbox, SandboxDependency, answer
from tandem.sandbox.sessions import ORG_ID

router = APIRouter()


@router.post("/services/oauth2/token")
async def oauth_token(request: Request, sandbox: SandboxDependency) -> Response:
    """Give a session for client credentials, or for a user's password."""
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    client_id, client_secret = _client(request, form)
    if not sandbox.credentials.match_client(client_id, client_secret):
        return _refused("invalid_client_id", "client identifier invalid")
    grant = form.get("grant_type")
    if grant == "client_credentials":
        return _granted(request, sandbox, sandbox.user_named(None))
    if grant == "password":
        user_id = sandbox.user_named(form.get("username", ""))
        if user_id is None or not sandbox.credentials.match_password(form.get("password", "")):
            return _refused("invalid_grant", "authentication failure")
        return _granted(request, sandbox, user_id)
    return _refused("unsupported_grant_type", "grant type not supported")


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret, from the Authorization header or from the form."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return client_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _granted(request: Request, sandbox: Sandbox, user_id: str | None) -> Response:
    base = _base_url(request)
    token = sandbox.sessions.open(str(user_id))
    return answer(
        {
            "access_token": token,
            "instance_url": base,
            "id": f"{base}/id/{ORG_ID}/{user_id}",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
            "signature": "",
        }
    )


def _refused(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)


@router.post("/services/Soap/u/{version}")
async def soap_login(request: Request, version: str, sandbox: SandboxDependency) -> Response:
    """Give a session for a user name and password, or carry out a call of such a session."""
    envelope = (await request.body()).decode("utf-8", "replace")
    if "SessionHeader" in envelope:
        return soap.answer(sandbox, envelope)
    user_id = sandbox.user_named(soap.element(envelope, "username"))
    password = soap.element(envelope, "password")
    if user_id is None or not sandbox.credentials.match_password(password):
        message = "Invalid username, password, security token; or user locked out."
        return soap.fault("INVALID_LOGIN", message)
    server_url = f"{_base_url(request)}/services/Soap/u/{version}/{ORG_ID}"
    body = (
        f"<loginResponse><result><serverUrl>{escape(server_url)}</serverUrl>"
        f"<sessionId>{sandbox.sessions.open(user_id)}</sessionId><userId>{user_id}</userId>"
        "</result></loginResponse>"
    )
    return soap.respond(body)


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
