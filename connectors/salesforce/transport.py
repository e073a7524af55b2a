"""Under the client library's session: time-outs, plain http on the loopback, no redirects."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import BaseAdapter

from connectors.errors import StopRunError
from connectors.salesforce.settings import SalesforceSettings

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Transport(BaseAdapter):
    """A transport in front of another one.

    simple-salesforce always speaks https and never sets a time-out. The first is undone for an org
    on the loopback (the sandbox), the second is done here.

    Attributes:
        last: the last response, for what the library does not pass on: date, limits, wait.
    """

    def __init__(self, inner: BaseAdapter, settings: SalesforceSettings) -> None:
        super().__init__()
        self.last: requests.Response | None = None
        self._inner = inner
        self._timeout = (settings.connect_timeout_s, settings.read_timeout_s)
        self._plain = settings.instance_url if settings.plain_http else None

    def send(  # type: ignore[override]  # the stub spells out arguments that we only pass on
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Send a request."""
        self.last = None
        if self._plain is not None and request.url is not None:
            secure = self._plain.replace("http://", "https://", 1)
            if request.url.startswith(secure + "/"):
                request.url = self._plain + request.url.removeprefix(secure)
        options["timeout"] = options.get("timeout") or self._timeout
        response = self._inner.send(request, **options)
        if response.status_code in _REDIRECTS:
            raise StopRunError(
                "salesforce: the org has moved; set instance_url to its address",
                code="http.redirected",
            )
        self.last = response
        return response

    def close(self) -> None:
        """Close the transport behind it."""
        self._inner.close()
