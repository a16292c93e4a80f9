import { isEmail } from 'class-validator'
import { ValidationFailed } from '../../domain/errors.js'
import { AddressRefused, type AddressGuard } from '../../infrastructure/outbound/address-guard.js'
import { isSingleLine } from '../../infrastructure/text/single-line.js'
import type { TargetKind } from '../kinds.js'

/** Addresses of these kinds let everyone post who knows them. */
const SECRET_ADDRESSES: readonly TargetKind[] = ['SLACK', 'DISCORD']
const SHOWN_END = 4

/** Throws ValidationFailed on `target` for what nothing can be sent to, or must not be. */
export async function checkTarget(kind: TargetKind, target: string, guard: AddressGuard): Promise<void> {
  if (kind === 'EMAIL') {
    if (!isEmail(target)) throw ValidationFailed.of('target', 'must be an email address')
    return
  }
  const url = URL.canParse(target) && isSingleLine(target) ? new URL(target) : null
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw ValidationFailed.of('target', 'must be an address that starts with https:// or http://')
  }
  if (url.username !== '' || url.password !== '') {
    throw ValidationFailed.of('target', 'must not contain a user name or password')
  }
  try {
    await guard.check(url.hostname)
  } catch (error) {
    // A name that does not resolve now may do so later; each attempt is checked again.
    if (error instanceof AddressRefused) throw ValidationFailed.of('target', `is refused: ${error.message}`)
  }
}

/** A secret address is shortened to its host and its end. */
export function shownTarget(kind: TargetKind, target: string): string {
  if (!SECRET_ADDRESSES.includes(kind)) return target
  return `${new URL(target).origin}/…${target.slice(-SHOWN_END)}`
}
