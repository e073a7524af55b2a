"""Logging in: the OAuth 2 token endpoint, and the SOAP call that older clients use."""

from __future__ import annotations

import base64
import binascii
import re
import time
from html import escape, unescape
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

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


_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns="urn:partner.soap.sforce.com">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


@router.post("/services/Soap/u/{version}")
async def soap_login(request: Request, version: str, sandbox: SandboxDependency) -> Response:
    """Give a session for a user name and a password with the security token appended."""
    envelope = (await request.body()).decode("utf-8", "replace")
    user_id = sandbox.user_named(_element(envelope, "username"))
    if user_id is None or not sandbox.credentials.match_password(_element(envelope, "password")):
        code = "INVALID_LOGIN"
        message = "Invalid username, password, security token; or user locked out."
        body = (
            f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}"
            f"</faultstring><detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
            f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail>"
            "</soapenv:Fault>"
        )
        return Response(_ENVELOPE.format(body=body), 500, media_type="text/xml")
    server_url = f"{_base_url(request)}/services/Soap/u/{version}/{ORG_ID}"
    body = (
        f"<loginResponse><result><serverUrl>{escape(server_url)}</serverUrl>"
        f"<sessionId>{sandbox.sessions.open(user_id)}</sessionId><userId>{user_id}</userId>"
        "</result></loginResponse>"
    )
    return Response(_ENVELOPE.format(body=body), media_type="text/xml")


def _element(envelope: str, name: str) -> str:
    """Text of the first element of that local name.

    A pattern, not a parser: the one envelope that clients send is flat, and a pattern cannot be
    made to expand entities.

    >>> _element("<n1:login><n1:username>a&amp;b</n1:username></n1:login>", "username")
    'a&b'
    """
    found = re.search(rf"<(?:\w+:)?{name}>([^<]*)<", envelope)
    return unescape(found[1]) if found else ""


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
