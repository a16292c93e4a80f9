import { createHash, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

const ISSUER = 'Traffic Police'
/** The defaults, which every authenticator app supports. */
const FORM = { issuer: ISSUER, algorithm: 'SHA1', digits: 6, period: 30 } as const
/** Accepted before and after the present step: clocks differ, and typing takes time. */
const WINDOW = 1
const SECRET_BYTES = 20
const RECOVERY_CODES = 10
const RECOVERY_BYTES = 10

export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES)
}

/** For authenticator apps: the secret in base32, and the address that the QR code contains. */
export function enrolmentOf(secret: Uint8Array, email: string): { secret: string; uri: string } {
  const totp = new TOTP({ ...FORM, label: email, secret: toSecret(secret) })
  return { secret: totp.secret.base32, uri: totp.toString() }
}

/** The time step that a code belongs to; null: it is not valid now. */
export function stepOf(secret: Uint8Array, code: string, now: Date): number | null {
  const totp = new TOTP({ ...FORM, secret: toSecret(secret) })
  const timestamp = now.getTime()
  const delta = totp.validate({ token: code, timestamp, window: WINDOW })
  return delta === null ? null : totp.counter({ timestamp }) + delta
}

/** Codes for a lost device, each valid once: 80 random bits in four groups. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const text = toSecret(randomBytes(RECOVERY_BYTES)).base32.toLowerCase()
    return text.replaceAll(/(.{4})(?=.)/g, '$1-')
  })
}

/** Not salted and not slow: the codes are random. */
export function hashRecoveryCode(code: string): string {
  const plain = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return createHash('sha256').update(`recovery code ${plain}`).digest('base64url')
}

function toSecret(bytes: Uint8Array): Secret {
  return new Secret({ buffer: Uint8Array.from(bytes).buffer })
}
