import { createPrivateKey } from 'node:crypto'
import { validate as isCron } from 'node-cron'
import { parseRedisUrl } from '../redis/redis-url.js'

/** How the text of a variable is read. `read` throws an Error that says what is wrong and never repeats the text. */
export interface Kind<T> {
  read(text: string): T
}

/** A budget of calls (on Meetup: points) per window. */
export interface RateLimit {
  limit: number
  windowSeconds: number
}

export function text(min = 1, max = 10_000): Kind<string> {
  return {
    read(value) {
      if (value.length >= min && value.length <= max) return value
      throw new Error(
        value.length < min ? `must have at least ${min} characters` : `must have at most ${max} characters`,
      )
    },
  }
}

export function whole(min: number, max: number): Kind<number> {
  return {
    read(value) {
      const number = Number(value)
      if (/^\d{1,15}$/.test(value) && number >= min && number <= max) return number
      throw new Error(`must be a whole number from ${min} to ${max}`)
    },
  }
}

/** A number from `min` to `max`; with `aboveMin` the lower end itself is refused. */
export function ratio(min: number, max: number, aboveMin = false): Kind<number> {
  return {
    read(value) {
      const number = Number(value)
      const fits = aboveMin ? number > min : number >= min
      if (/^\d{1,3}(\.\d{1,9})?$/.test(value) && fits && number <= max) return number
      throw new Error(`must be a number ${aboveMin ? `above ${min} and at most` : `from ${min} to`} ${max}`)
    },
  }
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Kind<T> {
  return {
    read(value) {
      const found = allowed.find((candidate) => candidate === value)
      if (found !== undefined) return found
      throw new Error(`must be one of ${allowed.join(', ')}`)
    },
  }
}

/** An address of one of the given schemes, e.g. `http`, `https`; without a trailing slash. */
export function address(...schemes: readonly string[]): Kind<string> {
  return {
    read(value) {
      if (URL.canParse(value)) {
        const url = new URL(value)
        if (schemes.includes(url.protocol.slice(0, -1)) && url.hostname !== '') return value.replace(/\/+$/, '')
      }
      throw new Error(`must be an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`)
    },
  }
}

export const redisAddress: Kind<string> = {
  read(value) {
    parseRedisUrl(value)
    return value
  },
}

export const list: Kind<string[]> = {
  read(value) {
    const items = value.split(',').map((item) => item.trim())
    if (items.every((item) => item !== '')) return items
    throw new Error('must be one value or several separated by commas, none of them empty')
  },
}

export const email: Kind<string> = {
  read(value) {
    if (value.length <= 254 && /^[^\s@<>",;]+@[^\s@<>",;]+$/.test(value)) return value.toLowerCase()
    throw new Error('must be an e-mail address')
  },
}

const MIN_KEY_BYTES = 24

/** Secrets of Standard Webhooks, several separated by commas; kept as they are written. */
export const signingSecrets: Kind<string> = {
  read(value) {
    const secrets = value.split(',').map((secret) => secret.trim().replace(/^whsec_/, ''))
    // A decoder that skips bad characters would make a short key of a mistyped secret.
    const isKey = (secret: string) =>
      /^[A-Za-z0-9+/]+={0,2}$/.test(secret) && Buffer.from(secret, 'base64').length >= MIN_KEY_BYTES
    if (secrets.every(isKey)) return value
    throw new Error(`must be whsec_ and the base64 of at least ${MIN_KEY_BYTES} bytes`)
  },
}

export const rateLimit: Kind<RateLimit> = {
  read(value) {
    const [, limit = 0, windowSeconds = 0] = (/^(\d{1,9})\/(\d{1,6})$/.exec(value) ?? []).map(Number)
    if (limit > 0 && windowSeconds > 0) return { limit, windowSeconds }
    throw new Error('must be CALLS/SECONDS, both whole numbers above 0')
  },
}

export const cron: Kind<string> = {
  read(value) {
    if (isCron(value)) return value
    throw new Error('must be a cron expression of five fields')
  },
}

export const timezone: Kind<string> = {
  read(value) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value
    } catch {
      throw new Error('must be an IANA time zone')
    }
  },
}

/** A PEM private key; line ends may be written as `\n`, as many secret stores hold it on one line. */
export const privateKey: Kind<string> = {
  read(value) {
    const pem = value.replaceAll(String.raw`\n`, '\n')
    try {
      createPrivateKey(pem)
    } catch {
      throw new Error('must be a private key in PEM form')
    }
    return pem
  },
}
