"""Login by OpenID Connect: the authorization code flow with PKCE, state and nonce.

What has to be remembered between the two requests stands in a cookie that only we can have signed:
its key is the client secret, so every process of the console reads it.
"""

from __future__ import annotations

import secrets
from typing import Any

import requests
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tandem.console import sessions
from tandem.console.config import OidcConfig
from tandem.console.context import ConsoleDependency
from tandem.console.errors import ConsoleError, ForbiddenError
from tandem.console.login import enter, local_path
from tandem.console.roles import Role
from tandem.errors import NotFoundError
from tandem.settings import resolve_secrets

log = structlog.get_logger(__name__)
router = APIRouter(tags=["login"])

COOKIE = "tandem_oidc"
REMEMBERED = 600
"""Seconds that a person has for logging in at their provider."""

TIMEOUT = 10
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
ASKED = {"scope": "openid profile email"}


class OidcError(ConsoleError):
    """The provider did not confirm who this is."""

    code = "console.oidc"


@router.get("/login/oidc", include_in_schema=False)
def begin(request: Request, console: ConsoleDependency, next: str = "/") -> Response:
    """Send the person to their provider."""
    config = _config(console.settings.oidc)
    verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
    client = _client(config, request)
    address, _state = client.create_authorization_url(
        _discover(config)["authorization_endpoint"],
        state=state,
        nonce=nonce,
        code_verifier=verifier,
    )
    kept = {"verifier": verifier, "nonce": nonce, "state": state, "next": local_path(next)}
    answer = RedirectResponse(address, 303)
    # The provider sends the person back from another site: a strict cookie would stay at home.
    sessions.set_cookie(request, answer, COOKIE, _signer(config).dumps(kept), lax=True)
    return answer


@router.get("/login/oidc/callback", include_in_schema=False)
def finish(
    request: Request, console: ConsoleDependency, code: str = "", state: str = ""
) -> Response:
    """Take what the provider says about the person, and begin a session."""
    config = _config(console.settings.oidc)
    try:
        held = sessions.read_cookie(request, COOKIE) or ""
        kept = _signer(config).loads(held, max_age=REMEMBERED)
    except BadSignature:
        raise OidcError("the login took too long, or began elsewhere: begin again") from None
    if not secrets.compare_digest(str(kept["state"]).encode(), state.encode()):
        raise OidcError("the login began elsewhere: begin again")
    claims = _claims(config, request, code, kept)
    name, role = str(claims.get(config.name_claim) or claims["sub"])[:255], role_of(config, claims)
    if role is None:
        raise ForbiddenError("you are known, but have no role in this console")
    log.info("login.succeeded", role=role, by="oidc")
    answer = enter(request, console, name, role, str(kept["next"]))
    sessions.drop_cookie(request, answer, COOKIE)
    return answer


def role_of(config: OidcConfig, claims: dict[str, Any]) -> Role | None:
    """The highest role that the person's groups give them.

    >>> config = OidcConfig(issuer="https://i", client_id="c", client_secret="env:S",
    ...                     roles={"readers": "viewer", "data": "steward"})
    >>> role_of(config, {"groups": ["data", "readers"]}), role_of(config, {"groups": "other"})
    (<Role.STEWARD: 'steward'>, None)
    """
    held = claims.get(config.role_claim) or ()
    names = [held] if isinstance(held, str) else list(held)
    found = [config.roles[name] for name in names if name in config.roles]
    return max(found, key=list(Role).index, default=None)


def _config(config: OidcConfig | None) -> OidcConfig:
    if config is None:
        raise NotFoundError("login by OpenID Connect is not configured")
    return config


def _secret(config: OidcConfig) -> str:
    return str(resolve_secrets({"secret": config.client_secret})["secret"])


def _signer(config: OidcConfig) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(config), salt="tandem-oidc")


def _client(config: OidcConfig, request: Request) -> Any:
    base = str(request.base_url).rstrip("/")
    return OAuth2Session(
        config.client_id,
        _secret(config),
        redirect_uri=f"{base}/login/oidc/callback",
        code_challenge_method="S256",
        **ASKED,
    )


def _get(address: str) -> dict[str, Any]:
    try:
        answer = requests.get(address, timeout=TIMEOUT)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise OidcError(f"the provider does not answer: {type(error).__name__}") from error
    return found


def _discover(config: OidcConfig) -> dict[str, Any]:
    found = _get(f"{config.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != config.issuer:
        raise OidcError("the provider calls itself by another name than the configuration")
    return found


def _claims(
    config: OidcConfig, request: Request, code: str, kept: dict[str, Any]
) -> dict[str, Any]:
    """What the provider says about the person, signed by it, for us and for this login."""
    provider = _discover(config)
    try:
        token = _client(config, request).fetch_token(
            provider["token_endpoint"],
            code=code,
            code_verifier=kept["verifier"],
            timeout=TIMEOUT,
        )
        keys = KeySet.import_key_set(_get(provider["jwks_uri"]))  # type: ignore[arg-type]  # checked by it
        claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": config.issuer},
            aud={"essential": True, "value": config.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": kept["nonce"]},
        ).validate(claims)
    except (OAuthError, JoseError, requests.RequestException, KeyError, ValueError) as error:
        raise OidcError(
            f"the provider did not confirm the login: {type(error).__name__}"
        ) from error
    return dict(claims)
