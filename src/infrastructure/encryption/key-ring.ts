import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
/** The first byte of what this version encrypts. */
const FORMAT = 1
const KEY_ID_BYTES = 6
const IV_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + KEY_ID_BYTES

interface Key {
  id: Buffer
  secret: Buffer
}

/** No key is configured, none of them encrypted the value, or it was changed or belongs elsewhere. Names no secret. */
export class NotDecryptable extends Error {
  override readonly name = 'NotDecryptable'
}

/**
 * Encrypts secrets that are stored. The newest key encrypts; the others still decrypt, so that a key can be replaced. Also
 * its injection token. `context` names what a value belongs to: as the value of anything else it cannot be decrypted.
 */
export class KeyRing {
  private readonly keys: readonly Key[]

  /** `keys`: texts, the newest first. None: nothing can be encrypted. */
  constructor(keys: readonly string[]) {
    this.keys = keys.map((text) => ({
      id: derived(text, 'id of a key for stored secrets', KEY_ID_BYTES),
      secret: derived(text, 'key for stored secrets', 32),
    }))
  }

  get isUsable(): boolean {
    return this.keys.length > 0
  }

  /** Throws NotDecryptable without a key. */
  encrypt(context: string, plain: string): Buffer {
    const [key] = this.keys
    if (!key) throw new NotDecryptable('no key for stored secrets is configured')
    const header = Buffer.concat([Buffer.of(FORMAT), key.id])
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(ALGORITHM, key.secret, iv).setAAD(boundTo(header, context))
    const encrypted = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
    return Buffer.concat([header, iv, cipher.getAuthTag(), encrypted])
  }

  /** Throws NotDecryptable. */
  decrypt(context: string, stored: Uint8Array): string {
    const bytes = Buffer.from(stored)
    const header = bytes.subarray(0, HEADER_BYTES)
    const key = this.keys.find(({ id }) => id.equals(header.subarray(1)))
    if (bytes[0] !== FORMAT || !key) throw new NotDecryptable('it was encrypted with a key that is not configured')
    const iv = bytes.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES)
    const tag = bytes.subarray(HEADER_BYTES + IV_BYTES, HEADER_BYTES + IV_BYTES + TAG_BYTES)
    const encrypted = bytes.subarray(HEADER_BYTES + IV_BYTES + TAG_BYTES)
    try {
      const decipher = createDecipheriv(ALGORITHM, key.secret, iv, { authTagLength: TAG_BYTES })
      decipher.setAAD(boundTo(header, context)).setAuthTag(tag)
      return Buffer.concat([decipher.update(encrypted), decipher.final()]).toString('utf8')
    } catch (error) {
      throw new NotDecryptable('it was changed, or belongs elsewhere', { cause: error })
    }
  }

  /** Whether the newest key encrypted it. */
  isNewest(stored: Uint8Array): boolean {
    const [key] = this.keys
    return key !== undefined && stored[0] === FORMAT && key.id.equals(stored.subarray(1, HEADER_BYTES))
  }
}

function boundTo(header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context)])
}

function derived(text: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', text, '', purpose, bytes))
}
