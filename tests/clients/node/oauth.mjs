// Does the authorization code flow with two strict client libraries, both over http on loopback.
// Reads the redirects of the consent page from the environment, prints what the libraries say.
import * as oauth from "oauth4webapi";
import * as client from "openid-client";

const issuer = new URL(process.env.SITE);
const { CLIENT_ID, CLIENT_SECRET, REFUSED, ALLOWED, VERIFIER, STATE } = process.env;
const insecure = { [oauth.allowInsecureRequests]: true };

const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
const server = await oauth.processDiscoveryResponse(issuer, discovered);
const application = { client_id: CLIENT_ID };

let refusal;
try {
  oauth.validateAuthResponse(server, application, new URL(REFUSED), STATE);
} catch (error) {
  refusal = error.error;
}

const config = await client.discovery(issuer, CLIENT_ID, CLIENT_SECRET, undefined, {
  algorithm: "oauth2",
  execute: [client.allowInsecureRequests],
});
const tokens = await client.authorizationCodeGrant(config, new URL(ALLOWED), {
  pkceCodeVerifier: VERIFIER,
  expectedState: STATE,
});
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);

const wrong = await oauth.genericTokenEndpointRequest(
  server,
  application,
  oauth.ClientSecretBasic("guessed"),
  "refresh_token",
  { refresh_token: "guessed" },
  insecure,
);
const challenges = wrong.headers.get("www-authenticate");
const called = await oauth.protectedResourceRequest(
  renewed.access_token,
  "GET",
  new URL("/api/v1/me", issuer),
  undefined,
  undefined,
  insecure,
);
let invalidToken;
try {
  await oauth.protectedResourceRequest("guessed", "GET", new URL("/api/v1/me", issuer), undefined, undefined, insecure);
} catch (error) {
  invalidToken = error.cause[0].parameters.error;
}
console.log(JSON.stringify({ refusal, me: await called.json(), challenges, invalidToken }));
