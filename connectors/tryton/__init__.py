"""Tryton (8.2) as an ERP: parties as flat streams of organisations and persons, by JSON-RPC.

What a database needs: the modules `country`, `party` and `party_relationship`, a party category
that marks persons, one whose children are the positions, and a relation type from a person to the
organisation they work for (with its reverse). Their names are settings.

>>> from connectors.tryton import build
>>> erp = build({"url": "http://127.0.0.1:8000", "database": "erp", "password": "secret"})
>>> erp.streams()
('party.organization', 'party.person')
"""

from __future__ import annotations

from connectors.tryton.connector import TrytonConnector, build
from connectors.tryton.settings import TrytonSettings

KIND = "tryton"

__all__ = ["KIND", "TrytonConnector", "TrytonSettings", "build"]
