// A relying party in one file, with openid-client.
//
//   npm install openid-client
//   export ISSUER=https://id.example.org CLIENT_ID=... CLIENT_SECRET=... PORT=5001
//   node node_app.mjs
//
// Register it with redirect_uri http://localhost:5001/callback and post_logout_redirect_uri
// http://localhost:5001/.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import * as client from "openid-client";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const here = `http://localhost:${PORT}`;
const isLoopback = new URL(ISSUER).protocol === "http:";
const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  undefined,
  client.ClientSecretBasic(CLIENT_SECRET),
  // Only a provider on your own machine speaks http.
  isLoopback ? { execute: [client.allowInsecureRequests] } : undefined,
);
// What this application remembers of each browser. A real one keeps it in its database.
const sessions = new Map();

const escape = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

async function signIn(session) {
  session.verifier = client.randomPKCECodeVerifier();
  session.state = client.randomState();
  session.nonce = client.randomNonce();
  return client.buildAuthorizationUrl(config, {
    redirect_uri: `${here}/callback`,
    scope: "openid profile email",
    state: session.state,
    nonce: session.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(session.verifier),
    code_challenge_method: "S256",
  });
}

async function callback(session, url) {
  // The library checks state, iss, signature, audience, nonce and times.
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: session.verifier,
    expectedState: session.state,
    expectedNonce: session.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const said = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  Object.assign(session, { sub: claims.sub, name: said.name, idToken: tokens.id_token });
}

function signOut(session) {
  const parameters = { post_logout_redirect_uri: `${here}/`, id_token_hint: session.idToken };
  for (const name of Object.keys(session)) delete session[name];
  return client.buildEndSessionUrl(config, parameters);
}

async function answer(session, url) {
  if (url.pathname === "/sign-in") return { location: (await signIn(session)).href };
  if (url.pathname === "/callback") {
    await callback(session, url);
    return { location: "/" };
  }
  if (url.pathname === "/sign-out") return { location: signOut(session).href };
  return { page: session.sub ? `Hello ${escape(session.name)} <a href="/sign-out">Sign out</a>` : '<a href="/sign-in">Sign in</a>' };
}

createServer(async (request, response) => {
  const known = /(?:^|; )node_app=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  const id = sessions.has(known) ? known : randomUUID();
  if (!sessions.has(id)) sessions.set(id, {});
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Set-Cookie": `node_app=${id}; HttpOnly; SameSite=Lax; Path=/`,
  };
  try {
    const { location, page } = await answer(sessions.get(id), new URL(request.url, here));
    if (location) response.writeHead(303, { ...headers, Location: location }).end();
    else response.writeHead(200, headers).end(page);
  } catch (error) {
    // error.error is the protocol's code where the provider said no, e.g. access_denied.
    response.writeHead(400, headers).end(`No sign-in: ${escape(error.error ?? error.code ?? "failed")}`);
  }
}).listen(PORT, "127.0.0.1", () => console.log(`Ready at ${here}`));
