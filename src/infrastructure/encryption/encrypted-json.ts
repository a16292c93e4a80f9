import { KeyRing, NotDecryptable } from './key-ring.js'

/** How an encrypted value is stored where values are JSON. */
export interface EncryptedJson {
  /** Base64. */
  encrypted: string
}

/** `context`: as in `KeyRing`. Throws NotDecryptable without a key. */
export function encryptJson(keys: KeyRing, context: string, value: unknown): EncryptedJson {
  return { encrypted: keys.encrypt(context, JSON.stringify(value)).toString('base64') }
}

/** Throws NotDecryptable. */
export function decryptJson(keys: KeyRing, context: string, { encrypted }: EncryptedJson): unknown {
  try {
    return JSON.parse(keys.decrypt(context, Buffer.from(encrypted, 'base64'))) as unknown
  } catch (error) {
    throw error instanceof NotDecryptable ? error : new NotDecryptable('it is not JSON', { cause: error })
  }
}

export function isEncryptedJson(value: unknown): value is EncryptedJson {
  return typeof value === 'object' && value !== null && typeof (value as EncryptedJson).encrypted === 'string'
}
