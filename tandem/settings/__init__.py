"""Where things are, and what `config/` says: systems, links, policies, schedules.

Environment variables (prefix `TANDEM_`) say where configuration, mappings and state live; the YAML
files in the configuration folder say what is linked to what. Secrets are references in both,
resolved when a connector is built and nowhere else: `env:NAME`, `file:PATH` (a relative one starts
in `TANDEM_HOME`), and `airflow:CONNECTION` where Airflow runs us.

Variables may also stand in `.tandem/settings.env`; `make up` writes one, so that the commands of
the same folder find the demo's systems.
"""

from tandem.settings.files import CatalogueFile, Config, load_config
from tandem.settings.installation import ENV_FILE, Settings
from tandem.settings.links import Alerts, LinkConfig, Schedule
from tandem.settings.policies import (
    Bounds,
    DeletePolicy,
    Deletes,
    MergePolicy,
    ObjectPolicy,
    Policy,
    PolicyName,
    Quality,
    Survivor,
    SurvivorRule,
    Survivorship,
)
from tandem.settings.secrets import SECRET_RESOLVERS, Resolver, resolve_secrets
from tandem.settings.systems import Quota, SystemConfig
from tandem.settings.values import Duration, Share

__all__ = [
    "ENV_FILE",
    "SECRET_RESOLVERS",
    "Alerts",
    "Bounds",
    "CatalogueFile",
    "Config",
    "DeletePolicy",
    "Deletes",
    "Duration",
    "LinkConfig",
    "MergePolicy",
    "ObjectPolicy",
    "Policy",
    "PolicyName",
    "Quality",
    "Quota",
    "Resolver",
    "Schedule",
    "Settings",
    "Share",
    "Survivor",
    "SurvivorRule",
    "Survivorship",
    "SystemConfig",
    "load_config",
    "resolve_secrets",
]
