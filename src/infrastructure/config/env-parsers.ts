import { createPrivateKey } from 'node:crypto'
import { validate as isCron } from 'node-cron'
import { parseRedisUrl } from '../redis/redis-url.js'

/** Parses the text of a variable. `parse` throws an Error that describes the problem without repeating the text. */
export interface EnvParser<T> {
  parse(text: string): T
}

/** A budget of calls (on Meetup: points) per window. */
export interface RateLimit {
  limit: number
  windowSeconds: number
}

export function text(min = 1, max = 10_000): EnvParser<string> {
  return {
    parse(value) {
      if (value.length >= min && value.length <= max) return value
      throw new Error(
        value.length < min ? `must have at least ${min} characters` : `must have at most ${max} characters`,
      )
    },
  }
}

export function integer(min: number, max: number): EnvParser<number> {
  return {
    parse(value) {
      const number = Number(value)
      if (/^\d{1,15}$/.test(value) && number >= min && number <= max) return number
      throw new Error(`must be a whole number from ${min} to ${max}`)
    },
  }
}

/** A number from `min` to `max`; with `aboveMin`, `min` itself is rejected. */
export function ratio(min: number, max: number, aboveMin = false): EnvParser<number> {
  return {
    parse(value) {
      const number = Number(value)
      const fits = aboveMin ? number > min : number >= min
      if (/^\d{1,3}(\.\d{1,9})?$/.test(value) && fits && number <= max) return number
      throw new Error(`must be a number ${aboveMin ? `above ${min} and at most` : `from ${min} to`} ${max}`)
    },
  }
}

export function oneOf<const T extends string>(...allowed: readonly T[]): EnvParser<T> {
  return {
    parse(value) {
      const found = allowed.find((candidate) => candidate === value)
      if (found !== undefined) return found
      throw new Error(`must be one of ${allowed.join(', ')}`)
    },
  }
}

/** A URL with one of the given schemes, e.g. `http`, `https`; without trailing slashes. */
export function url(...schemes: readonly string[]): EnvParser<string> {
  return {
    parse(value) {
      if (URL.canParse(value)) {
        const { protocol, hostname } = new URL(value)
        if (schemes.includes(protocol.slice(0, -1)) && hostname !== '') return value.replace(/\/+$/, '')
      }
      throw new Error(`must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`)
    },
  }
}

export const redisUrl: EnvParser<string> = {
  parse(value) {
    parseRedisUrl(value)
    return value
  },
}

export const list: EnvParser<string[]> = {
  parse(value) {
    const items = value.split(',').map((item) => item.trim())
    if (items.every((item) => item !== '')) return items
    throw new Error('must be one value or several separated by commas, none of them empty')
  },
}

export const email: EnvParser<string> = {
  parse(value) {
    if (value.length <= 254 && /^[^\s@<>",;]+@[^\s@<>",;]+$/.test(value)) return value.toLowerCase()
    throw new Error('must be an e-mail address')
  },
}

const MIN_KEY_BYTES = 24

/** Standard Webhooks secrets, separated by commas; returned unchanged. */
export const signingSecrets: EnvParser<string> = {
  parse(value) {
    const secrets = value.split(',').map((secret) => secret.trim().replace(/^whsec_/, ''))
    // The decoder skips invalid characters: a mistyped secret would become a short key.
    const isKey = (secret: string) =>
      /^[A-Za-z0-9+/]+={0,2}$/.test(secret) && Buffer.from(secret, 'base64').length >= MIN_KEY_BYTES
    if (secrets.every(isKey)) return value
    throw new Error(`must be whsec_ and the base64 of at least ${MIN_KEY_BYTES} bytes`)
  },
}

export const rateLimit: EnvParser<RateLimit> = {
  parse(value) {
    const [, limit = 0, windowSeconds = 0] = (/^(\d{1,9})\/(\d{1,6})$/.exec(value) ?? []).map(Number)
    if (limit > 0 && windowSeconds > 0) return { limit, windowSeconds }
    throw new Error('must be CALLS/SECONDS, both whole numbers above 0')
  },
}

export const cron: EnvParser<string> = {
  parse(value) {
    if (isCron(value)) return value
    throw new Error('must be a cron expression of five fields')
  },
}

export const timezone: EnvParser<string> = {
  parse(value) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value
    } catch {
      throw new Error('must be an IANA time zone')
    }
  },
}

/** A PEM private key; line breaks may be written as `\n`, because many secret stores keep it on one line. */
export const privateKey: EnvParser<string> = {
  parse(value) {
    const pem = value.replaceAll(String.raw`\n`, '\n')
    try {
      createPrivateKey(pem)
    } catch {
      throw new Error('must be a private key in PEM form')
    }
    return pem
  },
}
