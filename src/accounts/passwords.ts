import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** argon2id (the library's default kind) with 19 MiB and two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const PASSWORD_LENGTH = { min: 8, max: 200 } as const

export async function hashPassword(password: string): Promise<string> {
  return hash(password, COST)
}

/** As slow for an account that does not exist (`stored` undefined) as for one that does. */
export async function matchesPassword(stored: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await decoy()), password)
  return matches && stored !== undefined
}

/** A password of 144 random bits, for being shown once. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url')
}

let decoyHash: Promise<string> | undefined

/** Made before the first login, so that it costs none of them time. */
export function decoy(): Promise<string> {
  return (decoyHash ??= hashPassword(generatePassword()))
}
