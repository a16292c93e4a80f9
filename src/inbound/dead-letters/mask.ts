const PERSONAL_FIELD =
  /^(.*_)?(name|first_name|last_name|email|phone|phone_number|address|eth_address|solana_address|qr_code|barcode|answer|value)$/i // words-ok: fields of platforms
const EMAIL = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g
const MAX_DEPTH = 12

/** Returns a JSON body as text with personal data masked; null if it is not JSON. */
export function maskedBody(body: Uint8Array): string | null {
  try {
    return JSON.stringify(mask(JSON.parse(Buffer.from(body).toString('utf8')), 0))
  } catch {
    return null
  }
}

function mask(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return '[deep]'
  if (typeof value === 'string') return value.replace(EMAIL, '[email]')
  if (Array.isArray(value)) return value.map((item) => mask(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, item]) => {
    const isScalar = typeof item === 'string' || typeof item === 'number'
    const isPersonal = isScalar && PERSONAL_FIELD.test(name)
    return [name, isPersonal ? '[masked]' : mask(item, depth + 1)]
  })
  return Object.fromEntries(fields)
}
