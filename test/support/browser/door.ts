import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { storeAttendees, type StoredPerson } from '../fixtures/attendees.js'
import type { TestSystem } from '../service/test-system.js'
import { openTab, PHONE, type Tab } from './browser.js'

export const DOOR = { email: 'door@example.com', password: 'the password of the door' }

interface ListedTicket {
  id: string
  code: string
}

/** A user with the role for the door. */
export async function addDoorUser({ app, token }: TestSystem): Promise<void> {
  const body = { ...DOOR, name: 'Dora Door', role: 'DOOR' }
  expect((await app.call('POST', '/operators', { token, body })).status).toBe(201)
}

let made = 0

/** An event to which these people come. */
export async function eventWith(system: TestSystem, people: readonly StoredPerson[]): Promise<string> {
  const eventId = await system.createEvent(6_000, system.list(), { name: 'Winter concert', timezone: 'Europe/Berlin' })
  await storeAttendees(system.app.app.get(PrismaService), eventId, people, `door${++made}`)
  return eventId
}

/** The first ticket of a person. */
export async function ticketOf({ app, token }: TestSystem, eventId: string, name: string): Promise<ListedTicket> {
  const { body } = await app.call<{ items: { name: string; tickets: ListedTicket[] }[] }>(
    'GET',
    `/events/${eventId}/attendees`,
    { token },
  )
  const ticket = body.items.find((person) => person.name === name)?.tickets[0]
  if (!ticket) throw new Error(`${name} has no ticket`)
  return ticket
}

/** A phone that shows the event's door page, signed in. */
export async function openPhone(browser: Browser, url: string, eventId: string, credentials = DOOR): Promise<Tab> {
  const tab = await openTab(browser, `${url}/door/${eventId}`, { viewport: PHONE })
  await signInAtDoor(tab.page, credentials)
  return tab
}

export async function signInAtDoor(page: Page, { email, password }: typeof DOOR): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('list', { name: 'People' }).waitFor()
}

/** Until the page is kept on the device and opens without a connection. */
export async function untilInstalled(page: Page): Promise<void> {
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
}

/** Texts on the device's storage, as far as a script can read them. */
export function readableOnDevice(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise((resolve) => {
        const request = indexedDB.open(name)
        request.onsuccess = () => resolve(request.result)
      })
      for (const store of database.objectStoreNames) {
        const entries = await new Promise((resolve) => {
          const request = database.transaction(store).objectStore(store).getAll()
          request.onsuccess = () => resolve(request.result)
        })
        for (const { key, data, ...entry } of entries) {
          const text = data instanceof ArrayBuffer ? new TextDecoder('latin1').decode(data) : ''
          found.push(store + ' ' + JSON.stringify(entry) + ' ' + text + ' ' + (key?.extractable ?? ''))
        }
      }
      database.close()
    }
    return found.join('\\n')
  })()`)
}
