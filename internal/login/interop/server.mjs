// A broker by panva's oidc-provider, for one client and one person, whom it lets
// in at the level that the login_hint names; at "cancel" it says that they did
// not want to. It prints its issuer on one line and ends when its standard input
// does: it never outlives the test that started it.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

const { CALLBACK, GOODBYE, CLAIMS } = process.env;
const claims = JSON.parse(CLAIMS);
const levels = [1, 2, 3].map((n) => `https://www.spid.gov.it/SpidL${n}`);
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'portal',
      client_secret: 'a secret of the test, thirty-two bytes',
      redirect_uris: [CALLBACK],
      post_logout_redirect_uris: [GOODBYE],
      id_token_signed_response_alg: 'ES256',
    }],
    jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'interop' }] },
    cookies: { keys: [randomBytes(32)] },
    acrValues: levels,
    claims: { openid: ['sub', 'acr', 'auth_time'], profile: Object.keys(claims) },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...claims }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    const { params } = await provider.interactionDetails(request, response);
    const login = { accountId: 'anna', acr: params.login_hint };
    const outcome = levels.includes(login.acr) ? { login } : { error: 'access_denied' };
    return provider.interactionFinished(request, response, outcome);
  });
  console.log(issuer);
});
process.stdin.resume().on('end', () => process.exit());
