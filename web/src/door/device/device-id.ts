import { newKey } from '../../api/client'

const KEY = 'traffic-police-door-device'

/** Names this device in check-ins; made by chance, and new after it was wiped. */
export function deviceId(): string {
  const known = localStorage.getItem(KEY)
  if (known) return known
  const made = `door-${newKey()}`
  localStorage.setItem(KEY, made)
  return made
}

export function forgetDevice(): void {
  localStorage.removeItem(KEY)
}
