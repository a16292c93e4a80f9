import { z } from 'zod'
import { text } from './env-parsers.js'

const MIN_DISTINCT = 6

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

/**
 * A secret that people choose: long enough, and not obviously weak, e.g. a placeholder, an example of the documentation, or
 * a few repeated characters. It cannot recognize every weak one.
 */
export function strongSecret(min: number, max = 10_000) {
  return text(min, max).refine((value) => !isWeak(value), 'is easy to guess: use random characters')
}

/** Several of them, separated by commas. */
export function strongSecrets(min: number) {
  return z
    .string()
    .transform((value) => value.split(',').map((secret) => secret.trim()))
    .pipe(z.array(strongSecret(min)))
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
