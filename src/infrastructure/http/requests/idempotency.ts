import { createHash } from 'node:crypto'
import { ValidationFailed } from '../../../domain/errors.js'

/** A header `Idempotency-Key` and the request that it came with. */
export interface Idempotency {
  key: string
  /** Of the request's content; a different hash under the same key is a conflict. */
  hash: string
}

const MAX_KEY_LENGTH = 200
const KEY_TTL_MS = 86_400_000

/** Null: no key was given. `content`: what a retry has to repeat. Throws ValidationFailed. */
export function idempotencyOf(key: string | undefined, content: readonly unknown[]): Idempotency | null {
  if (key === undefined) return null
  if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw ValidationFailed.of('Idempotency-Key', `must be 1 to ${MAX_KEY_LENGTH} characters`)
  }
  return { key, hash: contentHash(content) }
}

/** After a day a key can be used for another request. */
export function isKeyExpired({ createdAt }: { createdAt: Date }, now: Date): boolean {
  return now.getTime() - createdAt.getTime() >= KEY_TTL_MS
}

export function contentHash(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
