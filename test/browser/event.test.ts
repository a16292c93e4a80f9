import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN } from '../support/service/app.js'
import { findBrowser, goTo, launchBrowser, openTab, signIn, visit } from '../support/browser/browser.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { printStateOnFailure } from '../support/service/system-state.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/service/test-system.js'

const SEATS = [{ section: 'Stalls', rows: [{ row: 'A', count: 10 }] }]

let system: TestSystem
let browser: Browser
let eventId: string
let listings: Listings

const soldOn = (page: Page) => page.getByTestId('sold-of-capacity')

describe.skipIf(!findBrowser())('The event page', () => {
  beforeAll(async () => {
    system = await startTestSystem()
    browser = await launchBrowser()
    listings = system.list()
    eventId = await system.createEvent(120, listings, {
      name: 'Winter concert',
      startsAt: '2031-01-15T19:30:00Z',
      timezone: 'America/New_York',
      directWeight: 1,
      seats: SEATS,
    })
    await untilInSync(system, eventId)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  printStateOnFailure(() => system)

  it('polls for sales when the event stream is blocked', async () => {
    const { page, expectError, close } = await openTab(browser, 'about:blank')
    expectError(/ERR_FAILED/)
    await page.route('**/api/v1/stream', (route) => route.abort())
    await page.goto(system.app.url)
    await signIn(page, ADMIN)
    await goTo(page, `events/${eventId}`)
    await page.getByText('Polling', { exact: true }).waitFor()
    const { sold } = await system.stock(eventId)
    await soldOn(page).getByText(`${sold}`, { exact: true }).waitFor()
    system.luma.control.register({ eventId: listings.luma, quantity: 3, email: 'polled@example.com' })
    await soldOn(page)
      .getByText(`${sold + 3}`, { exact: true })
      .waitFor()
    await close()
  })

  it("shows times in the event's time zone, and in UTC on hover", async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${eventId}`)
    const starts = page.getByText('15 Jan 2031, 14:30')
    await starts.waitFor()
    expect(await starts.getAttribute('title')).toBe('2031-01-15 19:30:00 UTC')
    await page.getByText('(America/New_York)').waitFor()
    await close()
  })

  it('shows up to when the proof is verified and its last hash, and downloads the record', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${eventId}`)
    const proof = page.getByRole('note', { name: 'Proof' })
    await proof.getByText(/^Proof: verified up to .* · last hash [0-9a-f]{64} · Download the record$/).waitFor()
    const shown = async () => (await proof.locator('code').textContent()) ?? ''
    const { token, app } = system
    await expect
      .poll(
        async () => {
          const { body } = await app.call<{ lastHash: string }>('GET', `/events/${eventId}`, { token })
          return body.lastHash === (await shown())
        },
        { timeout: 20_000 },
      )
      .toBe(true)
    const before = await shown()
    const downloading = page.waitForEvent('download')
    await proof.getByRole('link', { name: 'Download the record' }).click()
    const record = readFileSync(await (await downloading).path(), 'utf8')
    expect(record).toContain(`"hash":"${before}"`)
    const { status, body: hold } = await app.call<{ id: string }>('POST', `/events/${eventId}/holds`, {
      token,
      body: { seats: ['Stalls-A-10'] },
    })
    expect(status).toBe(201)
    await expect.poll(shown, { timeout: 20_000 }).not.toBe(before)
    expect((await app.call('DELETE', `/holds/${hold.id}`, { token })).status).toBe(204)
    await close()
  })

  it('shows "unknown" instead of 0 for values that no platform has reported', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    system.luma.knobs.patch({ outageUntil: Date.now() + 60_000 })
    const silent = await system.createEvent(50, system.list(), { name: 'Silent event' })
    await goTo(page, `events/${silent}`)
    const luma = page.getByRole('row').filter({ has: page.getByText('Luma', { exact: true }) })
    await luma.getByRole('cell').nth(3).getByText('unbounded').waitFor()
    expect(await luma.getByRole('cell').allInnerTexts()).toMatchObject({
      1: '0',
      2: expect.stringMatching(/unknown$/),
      4: 'unknown',
      5: expect.stringMatching(/^Unknown/),
      6: 'unknown',
      7: 'unknown',
      10: 'unknown',
    })
    system.luma.knobs.patch({ outageUntil: 0 })
    await close()
  })

  it('shows expiring holds, seats and the waitlist', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${eventId}/direct`)
    const row = page.getByRole('img', { name: /^Row A/ })
    await page.getByRole('img', { name: 'Row A: 0 of 10 taken' }).waitFor()
    const { token } = system
    const body = { seats: ['Stalls-A-2', 'Stalls-A-3'], ttlSeconds: 600 }
    await system.app.call('POST', `/events/${eventId}/holds`, { token, body })
    await page.getByRole('img', { name: 'Row A: 2 of 10 taken' }).waitFor()
    expect(await row.getByTitle('Stalls-A-2: held').textContent()).toBe('h')
    const hold = page.getByRole('table', { name: 'Live holds, newest first' }).getByRole('row').nth(1)
    const left = async () => (await hold.getByText(/^\d+:\d\d$/).textContent()) ?? ''
    const first = await left()
    expect(first).toMatch(/^9:[45]\d$|^10:00$/)
    await expect.poll(left).not.toBe(first)
    await hold.getByRole('button', { name: 'Release the hold of Admin' }).click()
    await page.getByRole('img', { name: 'Row A: 0 of 10 taken' }).waitFor()

    const waits = { name: 'Wanda Waits', email: 'wanda@example.com', quantity: 1 }
    await system.app.call('POST', `/events/${eventId}/waitlist`, { body: waits })
    const later = { ...waits, name: 'Walt Later', email: 'walt@example.com' }
    await system.app.call('POST', `/events/${eventId}/waitlist`, { body: later })
    await page.reload()
    const entries = page.getByRole('table', { name: 'Waitlist, in queue order' }).getByRole('row')
    await entries.nth(2).getByRole('cell', { name: 'Waiting, e-mail not confirmed' }).waitFor()
    await page.getByRole('button', { name: 'Move Walt Later up' }).click()
    await entries.nth(1).getByText('Walt Later').first().waitFor()
    await page.getByRole('button', { name: 'Remove Walt Later' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/^Type/).fill('remove')
    await dialog.getByRole('button', { name: 'Remove Walt Later' }).click()
    await dialog.waitFor({ state: 'detached' })
    await entries.nth(2).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Offer tickets to Wanda Waits' }).click()
    await page.getByRole('cell', { name: /^Offered, \d+:\d\d left/ }).waitFor()
    await close()
  })

  it('draws the sales of each platform and lists orders with their detection delay', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${eventId}/sales`)
    system.eventbrite.control.buy({
      eventId: listings.eventbrite,
      quantity: 2,
      buyer: { name: 'Grace Hopper', email: 'grace@example.com' },
    })
    const order = page.getByRole('row').filter({ hasText: 'Grace Hopper' })
    await order.waitFor()
    expect(await order.getByRole('cell').allInnerTexts()).toMatchObject({
      1: 'Eventbrite',
      3: '2',
      4: expect.stringMatching(/^[\d.]+ m?s$/),
    })
    await page.getByRole('img', { name: /^Tickets sold by channel over time; now .*Eventbrite 2/ }).waitFor()
    expect(await page.locator('.curve canvas').count()).toBe(1)
    await close()
  })

  it('describes moves, previews them and freezes rebalancing', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${eventId}/rebalance`)
    // Leaves two units: with a third of them left, sales may be too slow to need a move.
    for (let index = 0; index < 22; index++) {
      system.luma.control.register({ eventId: listings.luma, email: `rush${index}@example.com` })
    }
    const moves = page.getByRole('region', { name: 'Moves, newest first' })
    await moves
      .getByText(/ −\d+ → Luma \+\d+, [\d.]+\/h against [\d.]+\/h.*, confirmed in [\d.]+ m?s/)
      .first()
      .waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Freeze', exact: true }).click()
    await page.getByText('Frozen: caps do not change').waitFor()
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText(/^(No moves are planned now\.|Planned moves:)$/).waitFor()
    expect(await system.app.call('GET', `/events/${eventId}`, { token: system.token })).toMatchObject({
      body: { frozen: true },
    })
    await page.getByRole('button', { name: 'Unfreeze' }).click()
    await page.getByText('Units move automatically').waitFor()
    await close()
  })

  it('filters the ledger by account and reason, and downloads it as CSV', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${eventId}/ledger`)
    const rows = page.getByRole('table', { name: 'Movements, newest first' }).getByRole('row')
    await page.getByLabel('Account').selectOption('HELD')
    await expect.poll(async () => (await rows.allInnerTexts()).slice(1).every((text) => /Held/.test(text))).toBe(true)
    expect(await rows.count()).toBeGreaterThan(1)
    await page.getByLabel('Reason contains').fill('no reason like this')
    await page.getByText('No matching movements.').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as CSV' }).click(),
    ])
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split(/\r?\n/)
    expect(head).toBe('id,recordedAt,from,to,quantity,reason,actor,operationId,epoch,seq,fromChannelId,toChannelId')
    const response = await system.app.call<{ items: unknown[] }>('GET', `/events/${eventId}/movements?limit=100`, {
      token: system.token,
    })
    expect(lines.length).toBeGreaterThanOrEqual(Math.min(100, response.body.items.length))
    await close()
  })

  it('pauses the event, resumes it, and closes it once its name is typed', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    const last = await system.createEvent(40, system.list(), { name: 'Last event' })
    await untilInSync(system, last)
    await goTo(page, `events/${last}`)
    await page.getByRole('button', { name: 'Pause sales' }).click()
    await page.getByText('❚❚ Paused').waitFor()
    await page.getByRole('button', { name: 'Resume sales' }).click()
    await page.getByText('On sale', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Close permanently' }).click()
    const dialog = page.getByRole('dialog')
    const confirm = dialog.getByRole('button', { name: 'Close permanently' })
    await dialog.getByLabel(/^Type/).fill('last event')
    expect(await confirm.isEnabled()).toBe(false)
    await dialog.getByLabel(/^Type/).fill('Last event')
    await confirm.click()
    await page.getByText('Closed', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Pause sales' }).count()).toBe(0)
    await until(async () => {
      const { channels } = await system.stock(last)
      expect(channels.map(({ mode }) => mode)).not.toContain('OPEN')
    })
    await close()
  })
})
