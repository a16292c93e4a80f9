const MIN_DISTINCT = 6

/** Shortest lengths of the secrets that people choose. */
const MIN_LENGTH: Readonly<Record<string, number>> = {
  AUTH_SECRET: 16,
  ENCRYPTION_KEY: 32,
  ADMIN_PASSWORD: 10,
  METRICS_TOKEN: 16,
  EVENTBRITE_WEBHOOK_TOKEN: 16,
  LUMA_WEBHOOK_SECRET: 16,
  STRIPE_WEBHOOK_SECRET: 16,
}

/** Placeholders and examples that are used as they are, without punctuation and trailing digits. */
const KNOWN = new Set(
  [
    'admin administrator changeit changeme changethis default demo example letmein password passphrase qwerty',
    'qwertyuiop secret supersecret test testing topsecret trafficpolice webhooktoken webhooksecret authsecret',
    'mysecret yoursecret thesecret correcthorsebattery correcthorsebatterystaple',
    'abcdefghijklmnopqrstuvwxyz atleastrandomcharacters olgasownpassword carlsownpassword',
  ]
    .join(' ')
    .split(' '),
)

export interface WeakSecret {
  variable: string
  problem: string
}

/**
 * Secrets that are short or obviously weak, e.g. a placeholder, an example of the documentation, or a few repeated
 * characters. It cannot recognize every weak one.
 */
export function weakSecrets(given: Partial<Record<string, string>>): WeakSecret[] {
  return Object.entries(MIN_LENGTH).flatMap(([variable, min]) => {
    // Several of them, separated by commas.
    const values = (given[variable] ?? '').split(',').map((value) => value.trim())
    if (given[variable] === undefined) return []
    if (values.some((value) => value.length < min)) return [{ variable, problem: `needs at least ${min} characters` }]
    return values.some(isWeak) ? [{ variable, problem: 'is easy to guess: use random characters' }] : []
  })
}

function isWeak(value: string): boolean {
  const plain = value.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (value.startsWith('<') || new Set(value).size < MIN_DISTINCT) return true
  return KNOWN.has(plain.replaceAll(/\d/g, '')) || isRepeated(plain) || isSequence(value)
}

/** `abcabcabc`, `changemechangeme`. */
function isRepeated(text: string): boolean {
  return /^(.{1,16}?)\1+$/.test(text.slice(0, 200))
}

/** `123456789012`, `abcdefghijkl`: most characters follow the one before. */
function isSequence(text: string): boolean {
  let following = 0
  for (let at = 1; at < text.length; at++) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1)
    if (Math.abs(step) <= 1) following += 1
  }
  return following >= (text.length * 3) / 4
}
