export interface LumaConfig {
  /** Without a trailing slash. */
  apiUrl: string
  /** Null: not configured; every call returns AUTH_FAILED. */
  apiKey: string | null
  /** All of them are tried. Empty: every delivery is refused. */
  webhookSecrets: readonly string[]
  /** The status that a guest of a voided (oversold) order is moved to. */
  voidStatus: 'waitlist' | 'declined'
}

const DEFAULTS: LumaConfig = {
  apiUrl: 'https://public-api.luma.com',
  apiKey: null,
  webhookSecrets: [],
  voidStatus: 'waitlist',
}

/** Fills in the defaults. @throws for a blank secret, with which anyone could sign. */
export function lumaConfig(given: Partial<LumaConfig>): LumaConfig {
  const config = { ...DEFAULTS, ...given }
  if (config.webhookSecrets.some((secret) => secret.trim() === '')) throw new Error('a Luma webhook secret is blank')
  return { ...config, apiUrl: config.apiUrl.replace(/\/+$/, ''), apiKey: config.apiKey || null }
}
