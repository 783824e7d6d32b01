// A relying party on npm's openid-client, told what to do line by line by tests/interop.
//
// It reads JSON lines: first its settings, then what its browser brought back. It writes JSON
// lines: an address to send the browser to, or what it found. Checks are those of the library;
// the logout token, which the library does not know, is checked with its own JOSE library.

import { createInterface } from "node:readline";
import * as client from "openid-client";
import { createRemoteJWKSet, importJWK, jwtVerify } from "jose";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const settings = await read();
const key = { key: await importJWK(settings.key, settings.key.alg), kid: settings.key.kid };
const config = await client.discovery(
  new URL(settings.issuer),
  settings.client_id,
  { id_token_signed_response_alg: settings.alg },
  client.PrivateKeyJwt(key),
  // Loopback in tests speaks http; the library is told so for this one provider.
  { execute: [client.allowInsecureRequests] },
);
const server = config.serverMetadata();

// A pushed request (RFC 9126): the address holds nothing but a reference.
const verifier = client.randomPKCECodeVerifier();
const checks = {
  pkceCodeVerifier: verifier,
  expectedState: client.randomState(),
  expectedNonce: client.randomNonce(),
  idTokenExpected: true,
};
const address = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: settings.redirect_uri,
  scope: settings.scope,
  state: checks.expectedState,
  nonce: checks.expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
write({ open: address.href });

const { callback } = await read();
const tokens = await client.authorizationCodeGrant(config, new URL(callback), checks);
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);

const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
const again = await client.fetchUserInfo(config, fresh.access_token, claims.sub);
const known = await client.tokenIntrospection(config, fresh.access_token);
write({ claims, userinfo, again, refreshed: fresh.claims(), active: known.active });

const end = client.buildEndSessionUrl(config, {
  id_token_hint: fresh.id_token,
  post_logout_redirect_uri: settings.post_logout_redirect_uri,
  state: "signed-out",
});
write({ open: end.href });

const { logout_token: token } = await read();
const { payload, protectedHeader } = await jwtVerify(
  token,
  createRemoteJWKSet(new URL(server.jwks_uri)),
  { issuer: server.issuer, audience: settings.client_id, typ: "logout+jwt" },
);
write({ logout: payload, header: protectedHeader });
