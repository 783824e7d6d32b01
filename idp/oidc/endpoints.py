"""Every endpoint of the OpenID provider and who may call it, on one screen."""

import re

from flask import Blueprint, Flask

from idp.oidc.activity.endpoint import ActivityEndpoint
from idp.oidc.authorization.endpoint import AuthorizationEndpoint
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.consent.endpoint import ConsentEndpoint
from idp.oidc.cross_origin import CrossOrigin
from idp.oidc.dev_client.pages import DevClient
from idp.oidc.device.endpoint import DeviceAuthorizationEndpoint
from idp.oidc.device.page import DevicePage
from idp.oidc.introspection.endpoint import IntrospectionEndpoint
from idp.oidc.logout.endpoint import EndSessionEndpoint
from idp.oidc.logout.frontchannel import FrontChannel
from idp.oidc.metadata.endpoint import MetadataEndpoint
from idp.oidc.openapi.endpoint import ApiDescription
from idp.oidc.pushed.endpoint import PushedRequestEndpoint
from idp.oidc.registration import endpoint as registration
from idp.oidc.revocation.endpoint import RevocationEndpoint
from idp.oidc.selection.endpoint import SelectionEndpoint
from idp.oidc.token.client_authentication import ClientAuthentication
from idp.oidc.token.endpoint import TokenEndpoint
from idp.oidc.userinfo.endpoint import UserinfoEndpoint
from idp.web import leaving
from idp.web.context import parts
from idp.web.guards import page


def register(app: Flask) -> None:
    """Add the endpoints to the application, whose parts must have been made.

    Applications and their users call these from outside, so no form token can be asked for; what
    stands for it is named in each standard: the verified redirect_uri, the client's proof, the
    token, the hint. Forms of ours are the confirmation of a sign-out, consent and account choice.
    """
    directory = ClientDirectory()
    authorization, end = AuthorizationEndpoint(directory), EndSessionEndpoint(directory)
    authentication = ClientAuthentication(directory)
    consent, selection = ConsentEndpoint(directory), SelectionEndpoint(directory)
    pushed = PushedRequestEndpoint(authentication)
    cross_origin = CrossOrigin(directory)
    token = TokenEndpoint(authentication, cross_origin)
    userinfo, activity = UserinfoEndpoint(cross_origin), ActivityEndpoint(authentication)
    introspection = IntrospectionEndpoint(authentication)
    revocation = RevocationEndpoint(authentication, cross_origin)
    device, device_page = DeviceAuthorizationEndpoint(authentication), DevicePage(directory)
    with app.app_context():
        metadata = MetadataEndpoint(parts().settings)
        shows_dev_pages = parts().settings.shows_dev_pages
    described = ApiDescription(app)
    front = page("anyone", csrf=False, parses_itself=True)
    program = page("client", csrf=False, parses_itself=True)
    bearer = page("bearer", csrf=False, parses_itself=True)
    rules = (
        ("/.well-known/openid-configuration", "GET", front(metadata.discovery)),
        ("/.well-known/oauth-authorization-server", "GET", front(metadata.discovery)),
        ("/oidc/jwks", "GET", front(metadata.jwks)),
        ("/oidc/authorize", "GET POST", front(authorization.authorize)),
        ("/oidc/authorize/resume", "GET", front(authorization.resume)),
        ("/oidc/consent", "GET", page("anyone")(consent.show)),
        ("/oidc/consent", "POST", page("anyone")(consent.decide)),
        ("/oidc/select-account", "GET", page("anyone")(selection.show)),
        ("/oidc/select-account", "POST", page("anyone")(selection.choose)),
        ("/oidc/par", "POST", program(pushed.push)),
        # Before the POST of the same address, whose rule would answer OPTIONS by itself.
        ("/oidc/token", "OPTIONS", front(cross_origin.preflight)),
        ("/oidc/userinfo", "OPTIONS", front(cross_origin.preflight)),
        ("/oidc/revoke", "OPTIONS", front(cross_origin.preflight)),
        ("/oidc/token", "POST", program(token.token)),
        ("/oidc/userinfo", "GET POST", bearer(userinfo.userinfo)),
        ("/oidc/end-session", "GET POST", front(end.end_session)),
        ("/oidc/end-session/confirm", "POST", page("anyone")(end.confirm)),
        ("/oidc/introspect", "POST", program(introspection.respond)),
        ("/oidc/revoke", "POST", program(revocation.respond)),
        ("/oidc/register", "POST", bearer(registration.register)),
        ("/oidc/register/<client_id>", "GET", bearer(registration.read)),
        ("/oidc/register/<client_id>", "PUT", bearer(registration.change)),
        ("/oidc/register/<client_id>", "DELETE", bearer(registration.remove)),
        ("/oidc/device-authorization", "POST", program(device.respond)),
        ("/oidc/device", "GET", page("signed_in")(device_page.show)),
        ("/oidc/device", "POST", page("signed_in")(device_page.find)),
        ("/oidc/device/decide", "POST", page("signed_in")(device_page.decide)),
        ("/oidc/activity", "POST", program(activity.activity)),
        ("/docs/api", "GET", page("anyone")(described.as_page)),
        ("/docs/api/json", "GET", front(described.as_json)),
    )
    blueprint = Blueprint("oidc", __name__)
    if shows_dev_pages:
        _add_test_client(blueprint, DevClient(authentication))
    leaving.register(app, FrontChannel(directory).addresses)
    for path, methods, view in rules:
        name = re.sub(r"[^A-Za-z0-9]+", "_", f"{path} {methods}").strip("_")
        blueprint.add_url_rule(path, name, view, methods=methods.split())
    app.register_blueprint(blueprint)


def _add_test_client(blueprint: Blueprint, client: DevClient) -> None:
    """Add the relying party of development; production has none."""
    tried, answered = page("development"), page("development", csrf=False, parses_itself=True)
    rules = (
        ("/dev/client", "GET", tried(client.show)),
        ("/dev/client", "POST", tried(client.start)),
        ("/dev/client/callback", "GET POST", answered(client.callback)),
        ("/dev/client/refresh", "POST", tried(client.refresh)),
    )
    for path, methods, view in rules:
        name = f"{path}/{methods}".replace("/", "_").replace(" ", "_")
        blueprint.add_url_rule(path, name, view, methods=methods.split())
