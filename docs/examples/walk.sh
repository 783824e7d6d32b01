#!/bin/sh
# A sign-in step by step, with curl and openssl: every request that a library would make.
#
#   export ISSUER=https://id.example.org CLIENT_ID=... CLIENT_SECRET=...
#   export REDIRECT_URI=http://localhost:5002/callback
#   sh walk.sh
#
# It prints an address to open in a browser and waits for the address that the browser ends at;
# nothing needs to listen there. The client is registered with client_secret_basic and for
# refresh tokens. Its secret goes to curl by standard input, never by the command line, where
# everybody on the machine could read it.

set -eu
: "${ISSUER:?}" "${CLIENT_ID:?}" "${CLIENT_SECRET:?}" "${REDIRECT_URI:?}"

step() { printf '\n== %s\n' "$1"; }
member() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p'; }
random() { openssl rand -hex 32; }
proven() { printf 'user = "%s:%s"\n' "$CLIENT_ID" "$CLIENT_SECRET" | curl --silent --show-error --config - "$@"; }

step "Discovery: every address comes from here"
discovery=$(curl --silent --show-error --fail "$ISSUER/.well-known/openid-configuration")
for name in issuer pushed_authorization_request_endpoint token_endpoint userinfo_endpoint; do
  printf '%s: %s\n' "$name" "$(printf %s "$discovery" | member "$name")"
done
[ "$(printf %s "$discovery" | member issuer)" = "$ISSUER" ] || { echo "another issuer"; exit 1; }
endpoint() { printf %s "$discovery" | member "$1"; }

step "Push the request (RFC 9126), with PKCE (RFC 7636)"
verifier=$(random)
state=$(random)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
pushed=$(proven "$(endpoint pushed_authorization_request_endpoint)" \
  --data-urlencode response_type=code \
  --data-urlencode "redirect_uri=$REDIRECT_URI" \
  --data-urlencode "scope=openid profile email" \
  --data-urlencode "state=$state" \
  --data-urlencode "nonce=$(random)" \
  --data-urlencode "code_challenge=$challenge" \
  --data-urlencode code_challenge_method=S256)
echo "$pushed"

step "Open this address in a browser and sign in"
echo "$(endpoint authorization_endpoint)?client_id=$CLIENT_ID&request_uri=$(printf %s "$pushed" | member request_uri)"
echo "Then paste the address that the browser ends at:"
read -r answer

parameter() { printf %s "$answer" | sed -n 's/.*[?&]'"$1"'=\([^&]*\).*/\1/p'; }
[ "$(parameter state)" = "$state" ] || { echo "state differs: somebody else's answer"; exit 1; }
[ -n "$(parameter code)" ] || { echo "no code: $(parameter error)"; exit 1; }

step "Exchange the code for tokens"
tokens=$(proven "$(endpoint token_endpoint)" \
  --data-urlencode grant_type=authorization_code \
  --data-urlencode "code=$(parameter code)" \
  --data-urlencode "redirect_uri=$REDIRECT_URI" \
  --data-urlencode "code_verifier=$verifier")
echo "$tokens"

step "What the ID token says (a library must verify its signature first)"
middle=$(printf %s "$tokens" | member id_token | cut -d. -f2 | tr -- '-_' '+/')
while [ $((${#middle} % 4)) -ne 0 ]; do middle="$middle="; done
printf %s "$middle" | openssl base64 -d -A
echo

step "Userinfo"
printf 'header = "Authorization: Bearer %s"\n' "$(printf %s "$tokens" | member access_token)" |
  curl --silent --show-error --config - "$(endpoint userinfo_endpoint)"
echo

step "Refresh: the old refresh token is used up"
fresh=$(proven "$(endpoint token_endpoint)" \
  --data-urlencode grant_type=refresh_token \
  --data-urlencode "refresh_token=$(printf %s "$tokens" | member refresh_token)")
echo "$fresh"

step "Give the refresh token back (RFC 7009)"
proven "$(endpoint revocation_endpoint)" --data-urlencode "token=$(printf %s "$fresh" | member refresh_token)"
echo

step "Open this address to sign out everywhere"
echo "$(endpoint end_session_endpoint)?id_token_hint=$(printf %s "$fresh" | member id_token)"
