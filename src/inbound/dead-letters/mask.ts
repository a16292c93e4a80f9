const PERSONAL_FIELD =
  /^(.*_)?(name|first_name|last_name|email|phone|phone_number|address|eth_address|solana_address|qr_code|barcode|answer|value)$/i // words-ok: fields of platforms
// From the start of a word only: from every character of it, a long word would take time in the square of its length.
const EMAIL = /(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+/g
const MAX_DEPTH = 12
const MASKED = '[masked]'

/** Returns a JSON body as text with personal data masked; null if it is not JSON. */
export function maskedBody(body: Uint8Array): string | null {
  return rewritten(body, (name) => [[name, MASKED]])
}

/** The data of a job without bodies of deliveries, and with personal data masked. */
export function maskedJob(data: unknown): unknown {
  const text = JSON.stringify(data ?? null)
  const withoutBodies: unknown = JSON.parse(text, (name, value: unknown) => (name === 'body' ? MASKED : value))
  return rewrite(withoutBodies, (name) => [[name, MASKED]], 0)
}

/** Returns a JSON body without personal data, which routes to the same order; empty if it is not JSON. */
export function withoutPersonalData(body: Uint8Array): Uint8Array {
  return Buffer.from(rewritten(body, () => []) ?? '')
}

type Fields = [name: string, value: unknown][]

/** `personal`: what replaces a field with personal data. */
function rewritten(body: Uint8Array, personal: (name: string) => Fields): string | null {
  try {
    return JSON.stringify(rewrite(JSON.parse(Buffer.from(body).toString('utf8')), personal, 0))
  } catch {
    return null
  }
}

function rewrite(value: unknown, personal: (name: string) => Fields, depth: number): unknown {
  if (depth > MAX_DEPTH) return '[deep]'
  if (typeof value === 'string') return value.replace(EMAIL, '[email]')
  if (Array.isArray(value)) return value.map((item) => rewrite(item, personal, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).flatMap(([name, item]): Fields => {
    const isScalar = typeof item === 'string' || typeof item === 'number'
    return isScalar && PERSONAL_FIELD.test(name) ? personal(name) : [[name, rewrite(item, personal, depth + 1)]]
  })
  return Object.fromEntries(fields)
}
