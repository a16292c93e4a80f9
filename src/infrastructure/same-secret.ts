import { hash, timingSafeEqual } from 'node:crypto'

/** Compares in constant time. Digests have the same length, so that not even the length of the secret is revealed. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
