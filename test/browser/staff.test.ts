import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN } from '../support/service/app.js'
import { findBrowser, goTo, launchBrowser, PHONE, visit } from '../support/browser/browser.js'
import { sendUnmatchedDelivery } from '../support/browser/fixtures.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { startTestSystem, type TestSystem } from '../support/service/test-system.js'

const VIEWER = { email: 'vera@example.com', password: 'the password of Vera' }
const OPERATOR = { email: 'otto@example.com', password: 'the password of Otto' }

let system: TestSystem
let browser: Browser
let eventId: string

describe.skipIf(!findBrowser())('Staff members and the system page', () => {
  beforeAll(async () => {
    system = await startTestSystem()
    browser = await launchBrowser()
    eventId = await system.createEvent(60, system.list(), { name: 'Event of all roles' })
    await untilInSync(system, eventId)
    const body = { ...VIEWER, name: 'Vera', role: 'VIEWER' }
    expect((await system.app.call('POST', '/operators', { token: system.token, body })).status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  it('creates a staff member, changes its role and revokes its access at once', async () => {
    const admin = await visit(browser, system.app.url, ADMIN)
    await goTo(admin.page, 'account')
    const form = admin.page.getByRole('region', { name: 'New staff member' })
    await form.getByLabel('Name').fill('Otto Ohlsen')
    await form.getByLabel('E-mail').fill(OPERATOR.email)
    await form.getByLabel(/^First password/).fill(OPERATOR.password)
    await form.getByRole('button', { name: 'Create' }).click()
    await form.getByText('✓ Otto Ohlsen can sign in now.').waitFor()

    const otto = await visit(browser, system.app.url, OPERATOR, { viewport: PHONE })
    otto.expectError(/status of 40[13]/)
    await goTo(otto.page, 'account')
    await otto.page.getByRole('region', { name: 'Your sessions' }).getByText('(this one)').waitFor()
    expect(await otto.page.getByRole('region', { name: 'Staff', exact: true }).count()).toBe(0)
    await goTo(otto.page, `events/${eventId}`)
    await otto.page.getByRole('button', { name: 'Pause sales' }).waitFor()

    await admin.page.getByLabel('Role of Otto Ohlsen').selectOption('VIEWER')
    await admin.page.getByRole('button', { name: 'Deactivate the access of Otto Ohlsen' }).click()
    await admin.page.getByRole('row').filter({ hasText: 'Otto Ohlsen' }).getByText('inactive').waitFor()
    // The page detects it by itself or by the next request, whichever is first.
    const pausing = otto.page.getByRole('button', { name: 'Pause sales' }).click({ timeout: 5_000 })
    await pausing.catch(() => {})
    await otto.page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await system.stock(eventId)).toMatchObject({ state: 'ON_SALE' })
    await otto.close()
    await admin.close()
  })

  it('shows a viewer the numbers and no button that changes anything', async () => {
    const { page, close } = await visit(browser, system.app.url, VIEWER)
    for (const part of ['channels', 'direct', 'rebalance', 'drift']) {
      await goTo(page, `events/${eventId}/${part}`)
      await page.getByTestId('sold-of-capacity').waitFor()
      await expect.poll(() => page.getByText('Loading…').count()).toBe(0)
      const names = await page.getByRole('main').getByRole('button').allInnerTexts()
      expect(names, part).toEqual([])
    }
    await goTo(page, 'system')
    await page.getByRole('region', { name: 'Mode' }).getByText('Normal').waitFor()
    await page.getByText('Queues: for admins').waitFor()
    expect(await page.getByRole('button', { name: 'Force fail-safe mode' }).count()).toBe(0)
    await close()
  })

  it('replays a dead-lettered delivery', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    const listings = system.list()
    await sendUnmatchedDelivery(system, listings.eventbrite)
    await goTo(page, 'system/deliveries')
    const row = page.getByRole('row').filter({ hasText: 'Eventbrite' })
    await row.getByText('Unmatched').waitFor({ timeout: 60_000 })
    await row.getByText(`no channel sells EVENTBRITE event ${listings.eventbrite}`).waitFor()
    // The event has been added in the meantime.
    await system.createEvent(30, listings, { name: 'Added later' })
    await row.getByRole('button', { name: 'Replay' }).click()
    await row.getByText('Replayed').waitFor()
    await close()
  })

  it('opens the queue browser for admins only', async () => {
    const admin = await visit(browser, system.app.url, ADMIN)
    await goTo(admin.page, 'system')
    const [board] = await Promise.all([
      admin.context.waitForEvent('page'),
      admin.page.getByRole('link', { name: 'Queues' }).click(),
    ])
    const errors: string[] = []
    board.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    await board.getByText('deliveries').first().waitFor()
    expect(await board.title()).toContain('Traffic Police queues')
    // Its page requests fonts of another site, which our policy refuses: it uses local fonts.
    expect(errors.filter((text) => !text.includes('fonts.googleapis.com'))).toEqual([])
    await admin.close()

    const viewer = await visit(browser, system.app.url, VIEWER)
    viewer.expectError(/status of 403/)
    const response = await viewer.page.goto(`${system.app.url}/admin/queues`)
    expect(response?.status()).toBe(403)
    await viewer.close()
  })

  it('signs out and leaves no earlier data on the screen', async () => {
    const { page, expectError, close } = await visit(browser, system.app.url, VIEWER)
    expectError(/status of 401/)
    await page.getByRole('link', { name: 'Event of all roles' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.goBack().catch(() => null)
    await page.goto(`${system.app.url}/#/events/${eventId}`)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await page.getByText('Event of all roles').count()).toBe(0)
    await close()
  })
})
