import { Webhook } from 'standardwebhooks'

const MIN_BYTES = 24
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Parses the configured webhook secrets: `whsec_` and base64, several separated by commas.
 * @throws Error naming the position of an invalid secret, never the secret itself
 */
export function parseWebhookSecrets(text: string | null | undefined): Webhook[] {
  const secrets = (text ?? '').split(',').map((secret) => secret.trim())
  return secrets.filter((secret) => secret !== '').map(parseSecret)
}

function parseSecret(secret: string, index: number): Webhook {
  const key = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret
  // A decoder that skips invalid characters would derive a short key from a mistyped secret.
  const bytes = BASE64.test(key) ? Buffer.from(key, 'base64').length : 0
  if (bytes < MIN_BYTES) {
    throw new Error(
      `Meetup webhook secret ${index + 1} must be whsec_ and the base64 of at least ${MIN_BYTES} bytes, e.g. made by: openssl rand -base64 32`,
    )
  }
  return new Webhook(Buffer.from(key, 'base64').toString('base64'))
}
