"""The environment variables of a development site, and the services behind them."""

import atexit
import os
from pathlib import Path

from devservices import paths
from devservices.errors import ServiceUnavailableError
from devservices.postgres import Postgres
from devservices.secrets import SECRET_NAMES, get_or_create_secrets
from devservices.service import Service, ServiceLease, acquire
from devservices.valkey import Valkey

MIN_FREE_MEGABYTES = 200
DATABASE_NAME = "commonplace"


def build_services(base: Path) -> dict[str, Service]:
    """Return the services with data below a folder, by the variable that holds their URL."""
    return {"DATABASE_URL": Postgres(base, database=DATABASE_NAME), "REDIS_URL": Valkey(base)}


def attach_dev_services() -> list[ServiceLease]:
    """Set the variables of a development site that are unset; start the services it lacks.

    Raises ServiceUnavailableError in production, and when a service cannot run here.
    """
    require_development()
    os.environ["ENVIRONMENT"] = "development"
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{os.environ.get('PORT') or 8000}")
    if not all(os.environ.get(name) for name in SECRET_NAMES):
        for name, value in get_or_create_secrets().items():
            os.environ.setdefault(name, value)
    return _acquire_missing_services()


def require_development() -> None:
    """Raise ServiceUnavailableError where ENVIRONMENT names anything but development."""
    environment = os.environ.get("ENVIRONMENT", "development")
    if environment != "development":
        raise ServiceUnavailableError(
            f"ENVIRONMENT is {environment}: this command is for development only."
        )


def _acquire_missing_services() -> list[ServiceLease]:
    base = paths.get_data_dir()
    missing = {
        name: service for name, service in build_services(base).items() if not os.environ.get(name)
    }
    if not missing:
        return []
    paths.ensure_dirs(base, base / "run", base / "log")
    if not all(service.is_running() for service in missing.values()):
        paths.require_free_space(base, MIN_FREE_MEGABYTES)
    leases = []
    for name, service in missing.items():
        lease = acquire(service)
        atexit.register(lease.release)
        leases.append(lease)
        os.environ[name] = service.url
    return leases
