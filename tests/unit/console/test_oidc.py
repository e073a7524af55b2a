"""Login by OpenID Connect against a provider on the loopback that signs what it says."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI, Form
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from tandem.console.app import create_app
from tandem.console.config import ConsoleConfig, OidcConfig
from tests.e2e.conftest import served

KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
STRANGER = RSAKey.generate_key(2048, parameters={"kid": "one"})


class Issuer:
    """A provider: what it is to say about the person, and what it was told by us."""

    def __init__(self) -> None:
        self.claims = {"sub": "42", "email": "anna@example.com", "groups": ["data-stewards"]}
        self.nonce = ""
        self.key = KEY
        self.asked: dict[str, str] = {}
        self.url = ""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def configuration():
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }

        @app.get("/keys")
        def keys():
            return {"keys": [KEY.as_dict(private=False)]}

        def token(code: str = Form(), code_verifier: str = Form()):
            self.asked = {"code": code, "verifier": code_verifier}
            claims = {
                "iss": self.url,
                "aud": "tandem",
                "exp": int(time.time()) + 60,
                "nonce": self.nonce,
            } | self.claims
            signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
            return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

        token.__annotations__ = {"code": str, "code_verifier": str}
        app.post("/token")(token)
        return app


@pytest.fixture
def issuer():
    issuer = Issuer()
    with served(issuer.app()) as url:
        issuer.url = url
        yield issuer


@pytest.fixture
def client(console, issuer, monkeypatch):
    monkeypatch.setenv("OIDC_SECRET", "very secret")
    console.settings = ConsoleConfig(
        oidc=OidcConfig(
            issuer=issuer.url,
            client_id="tandem",
            client_secret="env:OIDC_SECRET",
            roles={"data-stewards": "steward"},
        )
    )
    return TestClient(create_app(console), base_url="https://console.example")


def go(client, issuer, **changed):
    """To the provider and back."""
    there = client.get("/login/oidc?next=/answers", follow_redirects=False)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(there.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "https://console.example/login/oidc/callback"
    issuer.nonce = changed.pop("nonce", asked["nonce"])
    back = {"code": "abc", "state": asked["state"]} | changed
    return client.get("/login/oidc/callback", params=back, follow_redirects=False)


def test_a_person_whom_the_provider_knows_comes_in_with_their_role(client, issuer):
    answer = go(client, issuer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/answers")
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == ("anna@example.com", "steward")


def test_who_has_no_role_stays_outside(client, issuer):
    issuer.claims["groups"] = ["sales"]
    assert go(client, issuer).status_code == 403
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "claims", [{"iss": "https://other.example"}, {"aud": "other"}, {"exp": 1}, {"nonce": "old"}]
)
def test_what_is_not_said_by_it_for_us_and_now_counts_for_nothing(client, issuer, claims):
    issuer.claims |= claims
    assert go(client, issuer).status_code == 409
    assert client.get("/api/v1/me").status_code == 401


def test_another_signature_or_another_state_counts_for_nothing(client, issuer):
    assert go(client, issuer, state="other").status_code == 409
    issuer.key = STRANGER
    assert go(client, issuer).status_code == 409
    assert client.get("/api/v1/me").status_code == 401


def test_a_login_that_never_began_does_not_end(client):
    answer = client.get("/login/oidc/callback?code=a&state=b", follow_redirects=False)
    assert answer.status_code == 409
