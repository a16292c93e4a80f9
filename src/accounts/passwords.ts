import { randomBytes } from 'node:crypto'
import { PasswordThread } from './password-thread.js'

/** argon2id (the library's default) with 19 MiB and two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const PASSWORD_LENGTH = { min: 8, max: 200 } as const

/** One for the process, and not several: logins must not use every core. */
const thread = new PasswordThread()

/** `client`: who registers; null: staff or the service. Rejects with Unavailable when too many passwords wait to be hashed. */
export async function hashPassword(password: string, client: string | null = null): Promise<string> {
  return String(await thread.run(client, { kind: 'hash', password, cost: COST }))
}

/** Takes the same time for an unknown user (`stored` undefined) as for a known one. */
export async function matchesPassword(
  stored: string | undefined,
  password: string,
  client: string | null = null,
): Promise<boolean> {
  const matches = await thread.run(client, { kind: 'verify', password, hash: stored ?? (await dummyHash()) })
  return matches === true && stored !== undefined
}

/** A random password of 144 bits, to be shown once. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url')
}

let cachedDummyHash: Promise<string> | undefined

/** Hash that unknown users are checked against; computed at startup so that no login waits for it. */
export function dummyHash(): Promise<string> {
  return (cachedDummyHash ??= hashPassword(generatePassword()))
}
