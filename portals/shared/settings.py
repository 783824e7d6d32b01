"""Where a portal runs and how it proves itself: PORTAL_* of the environment, config/portals.toml.

The only reader of the environment in the portals. Each portal is a process of its own, so the
variables carry no portal's name.
"""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT = Path(__file__).resolve().parent.parent.parent
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an origin such as https://portal.example.org")
    if parts.path not in {"", "/"}:
        raise ValueError("must be an origin, without a path")
    return f"{parts.scheme}://{parts.netloc}"


Origin = Annotated[str, AfterValidator(_origin)]


class Brand(BaseModel):
    """Names, contacts and links that the pages show: config/portals.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_service: str
    program: str
    agency: str
    service_desk_phone: str
    service_desk_email: str
    service_desk_hours: dict[str, str]
    banner: dict[str, str]
    account_pages: dict[str, str]


class PortalSettings(BaseSettings):
    """All settings of one portal's process; frozen."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, validate_by_name=True)

    environment: Literal["production", "development", "test"] = "production"
    issuer: str = Field(description="the provider's issuer, compared as a whole string")
    base_url: Origin = Field(description="the portal's own origin; every link is built from it")
    client_id: str = Field("", description="empty: the portal's usual name")
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    data_dir: Path = _ROOT / "var" / "portals"
    clock_offset_file: Path | None = Field(None, description="tests move the clock by it")
    ca_bundle: Path | None = Field(None, description="certificates that vouch for the provider")
    brand_file: Path = _ROOT / "config" / "portals.toml"
    provider_seconds: float = Field(5, gt=0, le=30, description="longest wait for the provider")
    idle_seconds: int = Field(900, gt=0, description="NCID: fifteen minutes without activity")
    warning_seconds: int = Field(150, ge=20, description="the dialog opens this long before")
    overall_seconds: int = Field(43200, gt=0, description="bound until the provider names its own")
    report_seconds: int = Field(60, ge=1, description="at most one activity report in this time")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    provider_portal_url: Origin = Field(
        "http://localhost:8001", validation_alias="PROVIDER_PORTAL_URL"
    )
    recipient_portal_url: Origin = Field(
        "http://localhost:8002", validation_alias="RECIPIENT_PORTAL_URL"
    )
    operations_portal_url: Origin = Field(
        "http://localhost:8003", validation_alias="OPERATIONS_PORTAL_URL"
    )

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        for name, address in (("issuer", self.issuer), ("base_url", self.base_url)):
            if not self.may_use(address):
                raise ValueError(f"{name} must be https (http only on loopback, not in production)")
        if self.environment == "production" and self.clock_offset_file:
            raise ValueError("the clock cannot be moved in production")
        if not (self.client_secret or self.client_secret_file):
            raise ValueError("give client_secret or client_secret_file")
        return self

    def may_use(self, address: str) -> bool:
        """Whether an address is safe to talk to: https, or http on loopback while developing."""
        parts = urlsplit(address)
        loopback = parts.hostname in _LOOPBACK and self.environment != "production"
        return parts.scheme == "https" or (parts.scheme == "http" and loopback)

    @property
    def is_secure(self) -> bool:
        """Whether the portal itself is https: its cookies then carry `__Host-` and Secure."""
        return self.base_url.startswith("https://")

    @property
    def issuer_origin(self) -> str:
        """The issuer without a path: where the sign-in service's pages live."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """Host and port of this portal, as the Host header names it."""
        return urlsplit(self.base_url).netloc

    @cached_property
    def secret(self) -> str:
        """The client secret, from the variable or its file; ValueError when it is empty."""
        if self.client_secret:
            return self.client_secret.get_secret_value()
        text = self.client_secret_file.read_text().strip() if self.client_secret_file else ""
        if not text:
            raise ValueError("the client secret is empty")
        return text

    @cached_property
    def brand(self) -> Brand:
        """Names and contacts; pydantic's ValidationError names what is wrong in the file."""
        return Brand.model_validate(tomllib.loads(self.brand_file.read_text(encoding="utf-8")))


def load_settings() -> PortalSettings:
    """Read the settings of this process; pydantic's ValidationError names what is wrong."""
    return PortalSettings()
