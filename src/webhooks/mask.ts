const PERSONAL =
  /^(.*_)?(name|first_name|last_name|email|phone|phone_number|address|eth_address|solana_address|qr_code|barcode|answer|value)$/i
const EMAIL = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g
const DEEPEST = 12

/** A JSON body as text with what identifies a person masked; null when it is no JSON. */
export function maskedBody(body: Uint8Array): string | null {
  try {
    return JSON.stringify(mask(JSON.parse(Buffer.from(body).toString('utf8')), 0))
  } catch {
    return null
  }
}

function mask(value: unknown, depth: number): unknown {
  if (depth > DEEPEST) return '[deep]'
  if (typeof value === 'string') return value.replace(EMAIL, '[email]')
  if (Array.isArray(value)) return value.map((item) => mask(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, item]) => {
    const scalar = typeof item === 'string' || typeof item === 'number'
    const hidden = scalar && PERSONAL.test(name)
    return [name, hidden ? '[masked]' : mask(item, depth + 1)]
  })
  return Object.fromEntries(fields)
}
