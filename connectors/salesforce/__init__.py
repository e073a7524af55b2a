"""Salesforce, through simple-salesforce.

    connector = build({
        "instance_url": "https://acme.my.salesforce.com",
        "client_id": "…", "client_secret": "…",
    })

An administrator prepares the org once: a connected app with the client-credentials flow, and on
every object that is to be written a text column `Tandem_Id__c` (255, external id, unique), which
holds the idempotency key of the create.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings, read_settings

__all__ = ["KIND", "SalesforceConnector", "SalesforceSettings", "build"]

KIND = "salesforce"


def build(settings: Mapping[str, Any]) -> SalesforceConnector:
    """Return a connector to one org.

    Args:
        settings: see `SalesforceSettings`; secrets already resolved.

    Raises:
        StopRunError: a setting is missing, unknown or wrong; the message names it.
    """
    return SalesforceConnector(read_settings(settings))
