export interface LumaConfig {
  /** Without a trailing slash. */
  apiUrl: string
  /** Null: not configured; every call answers AUTH_FAILED. */
  apiKey: string | null
  /** All are tried. Empty: every delivery is refused. */
  webhookSecrets: readonly string[]
  /** Where a guest goes who was sold a place that does not exist. */
  voidStatus: 'waitlist' | 'declined'
}

const DEFAULTS: LumaConfig = {
  apiUrl: 'https://public-api.luma.com',
  apiKey: null,
  webhookSecrets: [],
  voidStatus: 'waitlist',
}

/** Fills in the defaults. @throws for a blank secret, with which anybody could sign. */
export function lumaConfig(given: Partial<LumaConfig>): LumaConfig {
  const config = { ...DEFAULTS, ...given }
  if (config.webhookSecrets.some((secret) => secret.trim() === '')) throw new Error('a Luma webhook secret is blank')
  return { ...config, apiUrl: config.apiUrl.replace(/\/+$/, ''), apiKey: config.apiKey || null }
}
