// A strict OAuth 2 provider: PKCE asked for, refresh tokens rotate, a spent one ends its family.
// Each grant of tokens is a line of the log.
import { Provider } from 'oidc-provider'

const { PORT, CALLBACK } = process.env

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  clients: [
    {
      client_id: 'facet',
      client_secret: 'a secret / with + signs: %',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid offline_access avatar:write',
    },
  ],
  scopes: ['openid', 'offline_access', 'avatar:write'],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  pkce: { required: () => true },
  rotateRefreshToken: () => true,
  cookies: { keys: ['signs cookies of tests'] },
  ttl: {
    AccessToken: 60,
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 60,
    Interaction: 600,
    RefreshToken: 3600,
    Session: 3600,
  },
  features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
})

provider.on('grant.success', (context) => console.log('granted', context.oidc.params.grant_type))
provider.on('grant.error', (_, error) => console.log('refused', error.error))
provider.on('refresh_token.destroyed', () => console.log('refresh token destroyed'))
provider.listen(Number(PORT))
