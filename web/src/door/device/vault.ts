import { erase, keysOf, load, save } from './database'

/** A list is readable on the device for this long after the last contact with the service, ms. */
const LIFETIME_MS = 24 * 3_600_000
/** How much later the end of a key has to be before it is written again, ms. */
const EXTENSION_MS = 60_000

interface KeptKey {
  /** Cannot be read by scripts, only used. */
  key: CryptoKey
  expiresAt: number
}
interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

/** What is kept of an event: the people change rarely, the state with every check-in. */
export type Part = 'people' | 'state'
const PARTS: readonly Part[] = ['people', 'state']

/** Keeps a part of an event, encrypted with the event's own key of this device. */
export async function seal(eventId: string, part: Part, content: unknown): Promise<void> {
  const { key } = (await keyOf(eventId)) ?? (await newKey(eventId))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const text = new TextEncoder().encode(JSON.stringify(content))
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text)
  await save('lists', { iv, data } satisfies Sealed, place(eventId, part))
}

/** Null: nothing is kept, or its key has expired; then it is wiped. */
export async function unseal<T>(eventId: string, part: Part): Promise<T | null> {
  const kept = await keyOf(eventId)
  const sealed = await load<Sealed>('lists', place(eventId, part))
  if (!kept || !sealed) return null
  const data = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, kept.key, sealed.data)
  return JSON.parse(new TextDecoder().decode(data)) as T
}

/** After a contact with the service. */
export async function renew(eventId: string): Promise<void> {
  const kept = await keyOf(eventId)
  const expiresAt = Date.now() + LIFETIME_MS
  if (kept && kept.expiresAt + EXTENSION_MS < expiresAt) await save('keys', { ...kept, expiresAt }, eventId)
}

/** Without the key, what remains of the list on the storage of the phone cannot be read. */
export async function wipe(eventId: string): Promise<void> {
  await erase('keys', [eventId])
  await erase(
    'lists',
    PARTS.map((part) => place(eventId, part)),
  )
}

/** Events whose lists are on this device. Wipes those whose key has expired. */
export async function keptEvents(): Promise<string[]> {
  const ids = await keysOf('keys')
  const kept = await Promise.all(ids.map(async (id) => ((await keyOf(id)) ? id : null)))
  return kept.filter((id) => id !== null)
}

function place(eventId: string, part: Part): string {
  return `${eventId} ${part}`
}

async function keyOf(eventId: string): Promise<KeptKey | null> {
  const kept = await load<KeptKey>('keys', eventId)
  if (!kept) return null
  if (kept.expiresAt > Date.now()) return kept
  await wipe(eventId)
  return null
}

async function newKey(eventId: string): Promise<KeptKey> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const kept = { key, expiresAt: Date.now() + LIFETIME_MS }
  await save('keys', kept, eventId)
  return kept
}
