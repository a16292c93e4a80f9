import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { findBrowser, type Tab } from '../support/browser/browser.js'
import {
  addDoorUser,
  eventWith,
  readableOnDevice,
  signInAtDoor,
  ticketOf,
  untilInstalled,
} from '../support/browser/door.js'
import { openStage } from '../support/browser/stage.js'

const GUESTS = Array.from({ length: 45 }, (_, index) => ({ name: `Guest ${String(index).padStart(2, '0')}` }))
const NO_CONNECTION = /ERR_INTERNET_DISCONNECTED|ERR_FAILED/

/** Checks in the guests from one number to another, by taps. */
async function tap(page: Page, from: number, to: number): Promise<void> {
  for (const { name } of GUESTS.slice(from, to)) {
    await page.getByRole('button', { name: `Check in ${name}`, exact: true }).click()
    await page.getByRole('button', { name: `${name} is in` }).waitFor()
  }
}

async function goOffline({ page, context, expectError }: Tab): Promise<void> {
  expectError(NO_CONNECTION)
  await context.setOffline(true)
  await page.getByRole('status').filter({ hasText: 'Offline' }).waitFor()
}

/** Opened once, by one side; waited for by the other. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

const inTheRoom = (page: Page, number: number) =>
  page.getByTestId('room').getByText(`In the room ${number} of`).waitFor()
describe.skipIf(!findBrowser())('The door page without a connection', () => {
  const stage = openStage()
  beforeAll(() => addDoorUser(stage.system))

  const checkIns = (eventId: string) =>
    stage.system.app.app.get(PrismaService).checkIn.findMany({ where: { ticket: { eventId } } })

  it('merges 50 check-ins of two phones, five of them of the same people, without a loss or a duplicate', async () => {
    const eventId = await eventWith(stage.system, GUESTS)
    const [one, two] = [await stage.phone(eventId), await stage.phone(eventId)]
    await untilInstalled(one.page)
    await goOffline(one)
    await goOffline(two)
    await tap(one.page, 0, 25)
    await tap(two.page, 20, 45)
    // A phone is turned off: the page is closed, and opened again without a connection.
    await one.page.reload()
    await one.page.getByText('25 to send').waitFor()
    await inTheRoom(one.page, 25)
    // The first response of the other phone is lost on its way.
    let lost = 0
    await two.page.route('**/check-ins', async (route) => {
      if (lost++ > 0) return route.continue()
      await route.fetch()
      await route.abort()
    })
    await one.context.setOffline(false)
    await inTheRoom(one.page, 25)
    await one.page
      .getByRole('status')
      .filter({ hasText: /^Online$/ })
      .waitFor()
    await two.context.setOffline(false)
    for (const { page } of [one, two]) {
      await page
        .getByRole('status')
        .filter({ hasText: /^Online$/ })
        .waitFor()
      await inTheRoom(page, 45)
    }
    expect(lost).toBeGreaterThan(1)
    const recorded = await checkIns(eventId)
    expect(recorded).toHaveLength(45)
    const devices = [...new Set(recorded.map(({ deviceId }) => deviceId))]
    const counts = devices.map((device) => recorded.filter(({ deviceId }) => deviceId === device).length)
    expect(counts.toSorted((a, b) => a - b)).toEqual([20, 25])
    // The first in time were those of the first phone; the other one shows who it has let in second.
    const conflicts = two.page.getByRole('region', { name: 'Conflicts' }).getByRole('listitem')
    await expect.poll(() => conflicts.count()).toBe(5)
    expect(await conflicts.first().textContent()).toMatch(/Guest 20, here at \d\d:\d\d:\d\d: in since \d\d:\d\d:\d\d/)
    expect(await one.page.getByRole('region', { name: 'Conflicts' }).count()).toBe(0)
    await conflicts.first().getByRole('button', { name: 'Seen' }).click()
    await expect.poll(() => conflicts.count()).toBe(4)
    await one.close()
    await two.close()
  }, 60_000)

  it('counts walk-ins, sells to them with a connection only, and counts once after a lost response', async () => {
    const eventId = await eventWith(stage.system, GUESTS.slice(0, 2))
    const phone = await stage.phone(eventId)
    const { page, context, close } = phone
    const form = page.getByRole('region', { name: 'Walk-in' })
    await page.getByRole('button', { name: 'Walk-in' }).click()
    await form.getByRole('button', { name: 'One more' }).click()
    await form.getByRole('button', { name: 'Sell 2 from the safety stock' }).click()
    await inTheRoom(page, 2)
    await goOffline(phone)
    await page.getByRole('button', { name: 'Walk-in' }).click()
    expect(await form.getByRole('button', { name: /^Sell/ }).isDisabled()).toBe(true)
    await form.getByRole('button', { name: 'Count 1 in' }).click()
    await inTheRoom(page, 3)
    let lost = 0
    await page.route('**/walk-ins', async (route) => {
      if (lost++ > 0) return route.continue()
      await route.fetch()
      await route.abort()
    })
    await context.setOffline(false)
    await page
      .getByRole('status')
      .filter({ hasText: /^Online$/ })
      .waitFor()
    await inTheRoom(page, 3)
    expect(lost).toBe(2)
    const { body } = await stage.system.app.call('GET', `/events/${eventId}/door`, { token: stage.system.token })
    expect(body).toMatchObject({ checkedIn: 2, walkIns: 1, inTheRoom: 3 })
    await close()
  })

  it('sends what comes after a walk-in that the service refuses, and shows that it is not counted', async () => {
    const eventId = await eventWith(stage.system, GUESTS.slice(0, 2))
    const phone = await stage.phone(eventId)
    const { page, context, close, expectError } = phone
    expectError(/400/)
    await goOffline(phone)
    const form = page.getByRole('region', { name: 'Walk-in' })
    for (const inside of [1, 2]) {
      await page.getByRole('button', { name: 'Walk-in' }).click()
      await form.getByRole('button', { name: 'Count 1 in' }).click()
      await inTheRoom(page, inside)
    }
    let sent = 0
    await page.route('**/walk-ins', (route) => {
      const body = { ...route.request().postDataJSON(), ...(sent++ === 0 ? { quantity: 0 } : {}) }
      return route.continue({ postData: JSON.stringify(body) })
    })
    await context.setOffline(false)
    await inTheRoom(page, 1)
    const conflicts = page.getByRole('region', { name: 'Conflicts' })
    await conflicts.getByText('1 without a ticket, not counted').waitFor()
    await page
      .getByRole('status')
      .filter({ hasText: /^Online$/ })
      .waitFor()
    await close()
  })

  it('requires a decision about a code that the phone does not know, and shows the result later', async () => {
    const eventId = await eventWith(stage.system, GUESTS.slice(0, 2))
    const phone = await stage.phone(eventId)
    const { page, context, close } = phone
    await goOffline(phone)
    await page.getByRole('searchbox').fill('an unknown code')
    await page.getByRole('searchbox').press('Enter')
    await page.getByText('? Not on the list').waitFor()
    await page.getByRole('button', { name: 'Let in, check later' }).click()
    await page.getByText('1 to send').waitFor()
    await context.setOffline(false)
    const conflicts = page.getByRole('region', { name: 'Conflicts' })
    await conflicts.getByText('No ticket of the event has this code.').waitFor()
    await close()
  })

  it('refuses codes from before a transfer, names who was let in, and lets in the new holders', async () => {
    const eventId = await eventWith(stage.system, [{ name: 'Ada Scanned' }, { name: 'Bo Tapped' }])
    const [scanned, tapped] = [
      await ticketOf(stage.system, eventId, 'Ada Scanned'),
      await ticketOf(stage.system, eventId, 'Bo Tapped'),
    ]
    const phone = await stage.phone(eventId)
    const { page, context, close } = phone
    const result = page.getByRole('alert', { name: 'Result' })
    const scan = async (code: string) => {
      await page.getByRole('searchbox').fill(code)
      await page.getByRole('searchbox').press('Enter')
    }
    await untilInstalled(page)
    await goOffline(phone)
    await scan(scanned.code)
    await result.getByText('✓ In').waitFor()
    await page.getByRole('searchbox').fill('')
    await page.getByRole('button', { name: 'Check in Bo Tapped' }).click()
    await page.getByText('2 to send').waitFor()
    for (const [{ id }, name] of [
      [scanned, 'Nora New'],
      [tapped, 'Olaf New'],
    ] as const) {
      const body = { name, email: `${id}@example.com`, reason: 'Wrote a mail' }
      expect(
        (await stage.system.app.call('POST', `/tickets/${id}/transfer`, { token: stage.system.token, body })).status,
      ).toBe(200)
    }
    await context.setOffline(false)
    const conflicts = page.getByRole('region', { name: 'Conflicts' }).getByRole('listitem')
    await conflicts.nth(1).waitFor()
    const expected = [
      /^Ada Scanned, here at [\d:]+: The ticket was transferred to another person/,
      /^Bo Tapped, here at [\d:]+: The ticket was transferred to another person/,
    ]
    const shown = async () => {
      const texts = await conflicts.allTextContents()
      expect(texts).toEqual(expected.map((text) => expect.stringMatching(text) as string))
    }
    await shown()
    // The new holders are not in yet.
    await page.getByRole('button', { name: 'Check in Olaf New' }).click()
    await inTheRoom(page, 1)
    await scan((await ticketOf(stage.system, eventId, 'Nora New')).code)
    await result.getByText('Nora New').waitFor()
    await inTheRoom(page, 2)
    // With a connection a former code is shown in red at once, and is no conflict.
    await scan(scanned.code)
    await result.getByText('✕ Not valid').waitFor()
    await page.reload()
    await page.getByRole('searchbox').waitFor()
    await shown()
    expect(await readableOnDevice(page)).not.toContain('Ada Scanned')
    await close()
  })

  it('keeps the list unreadable, and wipes it at sign-out, when its key expires and when the event has ended', async () => {
    const eventId = await eventWith(stage.system, GUESTS)
    const { page, close, expectError } = await stage.phone(eventId)
    await untilInstalled(page)
    await tap(page, 0, 1)
    const kept = await readableOnDevice(page)
    expect(kept).toContain('lists')
    expect(kept).toMatch(/^keys .* false$/m)
    // Negative control: what the device shows is found where it is readable.
    expect(await page.content()).toContain('Guest 07')
    expect(kept).not.toContain('Guest 07')

    const changeKey = (expiresAt: string) => `new Promise((resolve) => {
      const opening = indexedDB.open('door')
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('keys', 'readwrite')
        const store = transaction.objectStore('keys')
        store.get(${JSON.stringify(eventId)}).onsuccess = ({ target }) =>
          store.put({ ...target.result, expiresAt: ${expiresAt} }, ${JSON.stringify(eventId)})
        transaction.oncomplete = () => { opening.result.close(); resolve() }
      }
    })`
    // Signed out, without a word to the device: the list stays until its key expires.
    await page.route('**/door/list*', (route) => route.abort())
    expectError(NO_CONNECTION)
    await page.evaluate(changeKey('Date.now() - 1'))
    await page.evaluate('sessionStorage.clear()')
    await page.reload()
    await page.getByLabel('E-mail').waitFor()
    expect(await readableOnDevice(page)).not.toContain('lists')
    await page.unroute('**/door/list*')

    await signInAtDoor(page, { email: 'door@example.com', password: 'the password of the door' })
    await expect.poll(() => readableOnDevice(page)).toContain('lists')
    await page.getByRole('button', { name: 'Sign out and delete the list' }).click()
    await page.getByText('To open an event here, use its link').waitFor()
    expect(await readableOnDevice(page)).not.toMatch(/lists|keys|queue|conflicts|door-|accessToken/)

    await page.goto(`${stage.system.app.url}/door/${eventId}`)
    await signInAtDoor(page, { email: 'door@example.com', password: 'the password of the door' })
    await expect.poll(() => readableOnDevice(page)).toContain('lists')
    await stage.system.app.app
      .get(PrismaService)
      .event.update({ where: { id: eventId }, data: { startsAt: new Date(0), endsAt: new Date(1) } })
    await page.getByText('This event has ended').waitFor()
    expect(await readableOnDevice(page)).not.toMatch(/^(lists|keys)/m)
    await close()
  })

  it('stores nothing of a list that arrives after the sign-out', async () => {
    const eventId = await eventWith(stage.system, GUESTS)
    const { page, close } = await stage.phone(eventId)
    await untilInstalled(page)
    const [requested, wiped, stored] = [gate(), gate(), gate()]
    let lists = 0
    await page.route('**/door/list*', async (route) => {
      if (lists++ > 0) return route.continue()
      requested.open()
      await wiped.opened
      // The whole list, as when people were added since then.
      await route.continue({ url: route.request().url().replace(/\?.*$/, '') })
    })
    const arrived = page.waitForResponse((response) => response.url().endsWith('/door/list'))
    await page.route('**/auth/logout', async (route) => {
      wiped.open()
      await (await arrived).finished()
      // What the page would store of it is stored before the page is left.
      setTimeout(stored.open, 500)
      await stored.opened
      await route.continue()
    })
    await requested.opened
    await page.getByRole('button', { name: 'Sign out and delete the list' }).click()
    await page.getByText('To open an event here, use its link').waitFor()
    expect(lists).toBeGreaterThan(1)
    expect(/lists|keys/.test(await readableOnDevice(page))).toBe(false)
    await close()
  })

  it('reads nothing again while the sign-out is on its way', async () => {
    const eventId = await eventWith(stage.system, GUESTS)
    const { page, close } = await stage.phone(eventId)
    await untilInstalled(page)
    let isLeaving = false
    let lists = 0
    await page.route('**/door/list*', (route) => {
      if (isLeaving) lists++
      return route.continue()
    })
    await page.route('**/auth/logout', async (route) => {
      isLeaving = true
      await page.evaluate(`window.dispatchEvent(new Event('focus'))`)
      await page.waitForTimeout(500)
      await route.continue()
    })
    await page.getByRole('button', { name: 'Sign out and delete the list' }).click()
    await page.getByText('To open an event here, use its link').waitFor()
    expect(lists).toBe(0)
    expect(/lists|keys/.test(await readableOnDevice(page))).toBe(false)
    await close()
  })

  it('responds for the door only: never for the dashboard or the API', async () => {
    const eventId = await eventWith(stage.system, GUESTS)
    const { page, context, close, expectError } = await stage.phone(eventId)
    await untilInstalled(page)
    const cached = await page.evaluate<string[]>(`(async () => {
      const paths = []
      for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname)
      }
      return paths
    })()`)
    expect(cached).toContain('/door/start')
    expect(cached.filter((path) => !/^\/(assets\/|door\/start$)/.test(path))).toEqual([])
    expectError(NO_CONNECTION)
    await context.setOffline(true)
    await page.reload()
    await page.getByRole('list', { name: 'People' }).waitFor()
    await expect(page.goto(stage.system.app.url)).rejects.toThrow(/ERR_INTERNET_DISCONNECTED/)
    await close()
  })
})
