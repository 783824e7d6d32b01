"""Places and switches: config/*.toml, then IDP_* of the environment; the only reader of either.

Rules that an auditor would ask to see are not here but in `policies/`.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

Environment = Literal["production", "development", "test", "conformance"]
_ROOT = Path(__file__).resolve().parent.parent
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Brand(BaseModel):
    """Whose service this is: every name and contact that pages and mails show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    short_name: str
    agency: str
    service_desk_phone: str
    service_desk_email: str
    service_desk_hours: dict[str, str] = Field(description="by language")
    banner: dict[str, str] = Field(description="text of the banner, by language; empty: none")
    logo: str = Field(description="file under static/")
    time_zone: str = Field("America/New_York", description="in which pages and mails tell times")
    is_demonstration: bool
    employee_email_domains: list[str] = Field(
        default=[], description="state and local employees may also sign in as username@domain"
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("time_zone must be a name of the IANA database")
        return name


class MailSender(BaseModel):
    """The From of every message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    timeout_seconds: float = 15


class Settings(BaseSettings):
    """All settings of one process; frozen, unknown names are refused."""

    model_config = SettingsConfigDict(env_prefix="IDP_", frozen=True, extra="forbid")

    environment: Environment = "production"
    issuer: str = Field(description="the provider's own address; every link is built from it")
    database_url: str = Field("", description="SQLAlchemy address; empty: a file in data_dir")
    redis_url: SecretStr | None = Field(None, description="Redis or Valkey for rate limits")
    smtp_url: SecretStr | None = Field(
        None, description="smtp://user:password@host:port or smtps://"
    )
    trusted_proxies: int = Field(0, ge=0, le=8, description="hops whose X-Forwarded-* count")
    config_dir: Path = _ROOT / "config"
    policies_dir: Path = _ROOT / "policies"
    data_dir: Path = _ROOT / "var"
    secrets_dir: Path | None = Field(None, description="key files; default data_dir/secrets")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    bind: str = "127.0.0.1:8000"
    clock_offset_file: Path | None = Field(None, description="tests move the clock by it")
    backchannel_hosts: list[str] = Field(
        default=[], description="host:port of private networks that logout notices may reach"
    )
    backchannel_ca_bundle: Path | None = Field(
        None, description="whom logout notices trust besides the system; conformance only"
    )
    common_passwords: Path | None = Field(None, description="filter built at set-up")
    breached_passwords_filter: Path | None = Field(
        None, description="filter built by `idp passwords build-filter`; none unless set"
    )
    brand: Brand
    mail: MailSender

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order: arguments, environment, config/<environment>.toml, config/default.toml."""
        return init_settings, env_settings, _toml(settings_cls)

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        parts = urlsplit(self.issuer)
        if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("issuer must be an origin such as https://id.example.org")
        loopback = parts.hostname in _LOOPBACK
        if parts.scheme != "https" and not (loopback and self.environment != "production"):
            raise ValueError("issuer must be https (http only on loopback outside production)")
        if self.environment == "production" and self.clock_offset_file:
            raise ValueError("the clock cannot be moved in production")
        if self.environment != "production" and self.bind_host not in _LOOPBACK:
            raise ValueError(f"{self.environment} serves this machine: bind a loopback address")
        if self.shows_dev_pages and not loopback:
            raise ValueError(f"{self.environment} shows every mail: the issuer must be loopback")
        if self.backchannel_ca_bundle and not self.is_conformance:
            raise ValueError("backchannel_ca_bundle is for the conformance environment alone")
        return self

    @property
    def bind_host(self) -> str:
        """The address part of `bind`."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def is_secure(self) -> bool:
        """Whether the issuer is https: cookies then carry `__Host-` and Secure."""
        return self.issuer.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port of the issuer, as the Host header names it."""
        return urlsplit(self.issuer).netloc

    @property
    def shows_dev_pages(self) -> bool:
        """Whether /dev/… exists: only in development and in tests."""
        return self.environment in {"development", "test"}

    @property
    def is_conformance(self) -> bool:
        """Whether the official conformance suite is served, and nobody else."""
        return self.environment == "conformance"

    @property
    def makes_own_secrets(self) -> bool:
        """Whether missing key files are made at start; production must be given them."""
        return self.environment != "production"

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve() / 'idp.sqlite3'}"
        scheme, separator, rest = self.database_url.partition("://")
        is_bare_postgres = scheme in {"postgres", "postgresql"}
        return f"postgresql+psycopg{separator}{rest}" if is_bare_postgres else self.database_url

    @cached_property
    def secrets(self) -> Path:
        """The folder of the key files."""
        return self.secrets_dir or self.data_dir / "secrets"

    @cached_property
    def common_passwords_filter(self) -> Path:
        """The file of the common-password filter."""
        return self.common_passwords or _ROOT / "var" / "assets" / "common-passwords.bloom"

    def cookie_name(self, name: str) -> str:
        """Return a cookie's name: with the `__Host-` prefix wherever the issuer is https."""
        return f"__Host-{name}" if self.is_secure else name


def _toml(settings_cls: type[BaseSettings]) -> TomlConfigSettingsSource:
    folder = Path(os.environ.get("IDP_CONFIG_DIR", _ROOT / "config"))
    environment = os.environ.get("IDP_ENVIRONMENT", "production")
    files = [folder / "default.toml", folder / f"{environment}.toml"]
    return TomlConfigSettingsSource(settings_cls, toml_file=files, deep_merge=True)


def read_variable(name: str, default: str = "") -> str:
    """Read a variable that is no setting of the provider: an address inside clients.toml."""
    return os.environ.get(name, default)


def load_settings() -> Settings:
    """Read the settings of this process; pydantic's ValidationError names what is wrong."""
    return Settings()
