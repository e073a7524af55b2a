"""A state database of a bench's own, which goes away with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text

from tandem.state.database import address_of


@contextmanager
def scratch(server: str) -> Iterator[str]:
    """URL of an empty database that goes away."""
    if not server:
        with TemporaryDirectory(prefix="tandem-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'state.db'}"
        return
    address = address_of(server)
    name = f"tandem_bench_{uuid.uuid4().hex[:12]}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
