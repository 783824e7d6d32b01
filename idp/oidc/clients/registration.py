"""What an administrator says about a client: typed, unknown keys refused."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
DeviceCode = Literal["urn:ietf:params:oauth:grant-type:device_code"]
GrantType = Literal["authorization_code", "refresh_token", "client_credentials"] | DeviceCode
SigningAlgorithm = Literal["RS256", "ES256", "EdDSA"]
SubjectType = Literal["public", "pairwise"]
AuthorizationDetailsType = Literal["esignature"]


class Registration(BaseModel):
    """One client as `config/clients.toml`, `idp clients add` and dynamic registration describe it.

    The keys are those of RFC 7591 §2 and the OpenID Connect specifications. This provider's own:
    first_party (nobody is asked for consent), reports_activity (its reports keep the session),
    require_pkce, resources (what it may ask access tokens for, RFC 8707), serves (the resources
    that it is, whose tokens it may introspect). Any one of default_acr_values must be reached by
    every sign-in to the client. The secret is never here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    client_id: str
    client_name: str = Field(min_length=1, max_length=200)
    client_name_es: str | None = Field(None, alias="client_name#es", min_length=1, max_length=200)
    client_uri: str | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: Literal[True] = True
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    initiate_login_uri: str | None = None
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"
    token_endpoint_auth_signing_alg: SigningAlgorithm | None = None
    grant_types: tuple[GrantType, ...] = ("authorization_code",)
    response_types: tuple[Literal["code"], ...] = ("code",)
    scope: str = "openid"
    id_token_signed_response_alg: SigningAlgorithm = "RS256"
    userinfo_signed_response_alg: SigningAlgorithm | None = None
    resources: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    default_acr_values: tuple[str, ...] = ()
    require_pkce: bool = True
    first_party: bool = False
    reports_activity: bool = False
    application_type: Literal["web", "native"] = "web"
    subject_type: SubjectType = "public"
    jwks: dict[str, Any] | None = None
    request_object_signing_alg: SigningAlgorithm | None = None
    require_pushed_authorization_requests: bool = False
    authorization_details_types: tuple[AuthorizationDetailsType, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether the client cannot prove itself (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def listens_locally(self) -> bool:
        """Whether it is a program on the person's own machine (RFC 8252 §7.3)."""
        return self.application_type == "native" and self.is_public

    @property
    def has_secret(self) -> bool:
        """Whether a secret is what the client proves itself with."""
        return self.token_endpoint_auth_method.startswith("client_secret")

    @property
    def names(self) -> dict[str, str]:
        """The client's name by language (RFC 7591 §2.2)."""
        translated = {"es": self.client_name_es} if self.client_name_es else {}
        return {"en": self.client_name, **translated}
