import type { Platform } from '../domain/channel.js'
import { ValidationFailed } from '../domain/errors.js'

/** Credentials of an account: texts by name. */
export type Credentials = Readonly<Record<string, string>>

/** A set of credentials that a platform takes. */
export interface CredentialForm {
  required: readonly string[]
  optional?: readonly string[]
}

const MAX_LENGTH = 10_000

/** Each platform takes one of its forms. An empty form: the platform has no account. */
export const CREDENTIAL_FORMS: Readonly<Record<Platform, readonly CredentialForm[]>> = {
  EVENTBRITE: [{ required: ['token'] }],
  LUMA: [{ required: ['apiKey'], optional: ['webhookSecret'] }],
  MEETUP: [{ required: ['accessToken'] }, { required: ['clientKey', 'memberId', 'signingKeyId', 'privateKey'] }],
  MANUAL: [{ required: [] }],
}

/** Throws ValidationFailed, which names fields and no value. */
export function parseCredentials(platform: Platform, given: unknown): Credentials {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw ValidationFailed.of('credentials', 'must be an object')
  }
  const forms = CREDENTIAL_FORMS[platform]
  const known = new Set(forms.flatMap(namesOf))
  const unknown = Object.keys(given).find((name) => !known.has(name))
  if (unknown !== undefined) throw ValidationFailed.of(`credentials.${unknown.slice(0, 100)}`, 'is not a known field')
  const entries = Object.entries(given).map(([name, value]) => [name, requireSecret(name, value)] as const)
  const names = entries.map(([name]) => name)
  if (forms.some((form) => fits(form, names))) return Object.fromEntries(entries)
  const sets = forms.map(({ required }) => required.join(', ')).join(', or ')
  throw ValidationFailed.of('credentials', `must have ${sets}`)
}

/** The part that names the account: connections with an equal one share its rate limit. */
export function accountKeyOf({ token, apiKey, accessToken, clientKey, memberId }: Credentials): string {
  return token ?? apiKey ?? accessToken ?? `${clientKey}:${memberId}`
}

function namesOf({ required, optional = [] }: CredentialForm): readonly string[] {
  return [...required, ...optional]
}

function fits(form: CredentialForm, names: readonly string[]): boolean {
  const allowed = namesOf(form)
  return form.required.every((name) => names.includes(name)) && names.every((name) => allowed.includes(name))
}

/** Only a private key has lines: other control characters would not be valid in a header. */
function requireSecret(name: string, value: unknown): string {
  const field = `credentials.${name}`
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') throw ValidationFailed.of(field, 'must be text that is not empty')
  if (text.length > MAX_LENGTH) throw ValidationFailed.of(field, `must have at most ${MAX_LENGTH} characters`)
  if (name !== 'privateKey' && !/^[\x21-\x7e]+$/.test(text)) {
    throw ValidationFailed.of(field, 'has characters that no credential has')
  }
  return text
}
