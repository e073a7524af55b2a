"""`Settings`: where configuration, mappings and state of one installation are."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_FILE = Path(".tandem/settings.env")


class Settings(BaseSettings):
    """Settings of one installation, from the environment.

    Attributes:
        home: folder for what Tandem itself writes (default state database, demo).
        config: folder with `systems.yaml` and `links/*.yaml`.
        mappings: folder with one YAML file per (object, system).
        database: SQLAlchemy URL of the state; SQLite in `home` when not given.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    model_config = SettingsConfigDict(
        env_prefix="TANDEM_", env_file=ENV_FILE, extra="ignore", frozen=True
    )

    home: Path = Path(".tandem")
    config: Path = Path("config")
    mappings: Path = Path("mappings")
    database: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"

    @property
    def database_url(self) -> str:
        """The state database's URL."""
        return self.database or f"sqlite:///{self.home.absolute() / 'state.db'}"
