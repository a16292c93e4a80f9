import { createHash } from 'node:crypto'

/** The PostgreSQL advisory lock key for `name`. */
export function lockNumber(name: string): string {
  return createHash('sha256').update(name).digest().readBigInt64BE(0).toString()
}
