"""A PostgreSQL database of a test's own, where there is a server to make it on."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError


@cache
def server() -> str | None:
    """URL of a server that lets us create databases: TANDEM_TEST_POSTGRES, or the local one."""
    named = os.environ.get("TANDEM_TEST_POSTGRES")
    if named is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", 5432)):
                return None
    url = named or "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    engine = create_engine(url)
    try:
        with engine.connect():
            return url
    except OperationalError:
        if named is not None:
            raise
        return None
    finally:
        engine.dispose()


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """URL of a new, empty database; it is dropped at the end."""
    url = server()
    if url is None:
        pytest.skip("no PostgreSQL: set TANDEM_TEST_POSTGRES or start one on 127.0.0.1:5432")
    name = f"tandem_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        # Nothing here outlives its test: a commit need not wait for the disk.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
