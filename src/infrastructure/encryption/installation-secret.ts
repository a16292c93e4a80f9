import { writePrivateFile } from '#embedded-services'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.js'

/** A secret of this installation, generated at the first start. */
export function loadOrCreateSecret(dataDir: string, name: string): string {
  const file = join(dataDir, name)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const secret = randomBytes(32).toString('base64url')
    mkdirSync(dataDir, { recursive: true })
    writePrivateFile(file, secret)
    return secret
  }
}

/** The keys of stored secrets, the newest first. With an embedded database one is generated at the first start. */
export function encryptionKeysOf({ databaseUrl, dataDir, encryptionKeys }: Config): readonly string[] {
  if (databaseUrl !== null) return encryptionKeys
  return [...encryptionKeys, loadOrCreateSecret(dataDir, 'encryption-key')]
}
