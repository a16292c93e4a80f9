import { createPrivateKey } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import { validate as isCron } from 'node-cron'
import { z } from 'zod'
import { parseRedisUrl } from '../redis/redis-url.js'

// Every check has a message of its own: it describes the problem without repeating the text, which may be a secret.

/** A budget of calls (on Meetup: points) per window. */
export interface RateLimit {
  limit: number
  windowSeconds: number
}

export function text(min = 1, max = 10_000) {
  return z.string().min(min, `must have at least ${min} characters`).max(max, `must have at most ${max} characters`)
}

export function integer(min: number, max: number) {
  const problem = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, problem)
    .transform(Number)
    .pipe(z.number().min(min, problem).max(max, problem))
}

/** A number from `min` to `max`; with `aboveMin`, `min` itself is rejected. */
export function ratio(min: number, max: number, aboveMin = false) {
  const problem = `must be a number ${aboveMin ? `above ${min} and at most` : `from ${min} to`} ${max}`
  const number = aboveMin ? z.number().gt(min, problem) : z.number().gte(min, problem)
  return z
    .string()
    .regex(/^\d{1,3}(\.\d{1,9})?$/, problem)
    .transform(Number)
    .pipe(number.max(max, problem))
}

export function oneOf<const T extends string>(...allowed: readonly [T, ...T[]]) {
  return z.enum(allowed, `must be one of ${allowed.join(', ')}`)
}

/** A URL with one of the given schemes, e.g. `http`, `https`; without trailing slashes. */
export function url(...schemes: readonly string[]) {
  const error = `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`
  const protocol = new RegExp(`^(${schemes.join('|')})$`)
  return z.url({ protocol, hostname: /./, error }).overwrite((value) => value.replace(/\/+$/, ''))
}

export const redisUrl = z.string().check((context) => {
  try {
    parseRedisUrl(context.value)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    context.issues.push({ code: 'custom', message: error.message, input: context.value })
  }
})

/** Values separated by commas. */
export const list = z
  .string()
  .transform((value) => value.split(','))
  .pipe(z.array(z.string().trim().min(1, 'must be one value or several separated by commas, none of them empty')))

const EMAIL = { pattern: /^[^\s@<>",;]+@[^\s@<>",;]+$/, error: 'must be an e-mail address' }
/** In lower case. */
export const email = z.email(EMAIL).max(254, EMAIL.error).toLowerCase()

const MIN_KEY_BYTES = 24

/** Standard Webhooks secrets, separated by commas; returned unchanged. */
export const signingSecrets = z.string().refine((value) => {
  const secrets = value.split(',').map((secret) => secret.trim().replace(/^whsec_/, ''))
  // The decoder skips invalid characters: a mistyped secret would become a short key.
  const isKey = (secret: string) =>
    /^[A-Za-z0-9+/]+={0,2}$/.test(secret) && Buffer.from(secret, 'base64').length >= MIN_KEY_BYTES
  return secrets.every(isKey)
}, `must be whsec_ and the base64 of at least ${MIN_KEY_BYTES} bytes`)

/** Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted: how many are in front, or where they are. */
export type TrustedProxies = { readonly hops: number } | { readonly networks: readonly string[] }

const MAX_HOPS = 10
const PROXIES = `must be addresses or networks separated by commas, or the number of proxies (1 to ${MAX_HOPS})`
export const trustedProxies = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine((parts) => isHopCount(parts) || parts.every(isNetwork), PROXIES)
  .transform((parts): TrustedProxies => (isHopCount(parts) ? { hops: Number(parts[0]) } : { networks: parts }))

function isHopCount(parts: readonly string[]): boolean {
  return parts.length === 1 && /^\d{1,2}$/.test(parts[0]!) && Number(parts[0]) >= 1 && Number(parts[0]) <= MAX_HOPS
}

/** A network of every address (`/0`) is rejected: then each client could choose its own address. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (isIP(address) === 0 || rest.length > 0) return false
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128))
}

const RATE_LIMIT = 'must be CALLS/SECONDS, both whole numbers above 0'
const aboveZero = z.number().positive(RATE_LIMIT)
export const rateLimit = z
  .string()
  .regex(/^\d{1,9}\/\d{1,6}$/, RATE_LIMIT)
  .transform((value) => value.split('/').map(Number))
  .pipe(z.tuple([aboveZero, aboveZero]))
  .transform(([limit, windowSeconds]): RateLimit => ({ limit, windowSeconds }))

export const cron = z.string().refine(isCron, 'must be a cron expression of five fields')

export const timezone = z.string().refine(isTimezone, 'must be an IANA time zone')

function isTimezone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A PEM private key; line breaks may be written as `\n`, because many secret stores keep it on one line. */
export const privateKey = z
  .string()
  .overwrite((value) => value.replaceAll(String.raw`\n`, '\n'))
  .refine(isPrivateKey, 'must be a private key in PEM form')

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private'
  } catch {
    return false
  }
}
