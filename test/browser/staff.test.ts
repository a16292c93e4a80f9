import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN } from '../support/app.js'
import { findBrowser, goTo, launchBrowser, PHONE, visit } from '../support/browser.js'
import { unmatchedDelivery } from '../support/dashboard-fixtures.js'
import { inStep } from '../support/reconcile.js'
import { startTestSystem, type TestSystem } from '../support/test-system.js'

const VIEWER = { email: 'vera@example.com', password: 'the password of Vera' }
const OPERATOR = { email: 'otto@example.com', password: 'the password of Otto' }

let system: TestSystem
let browser: Browser
let eventId: string

describe.skipIf(!findBrowser())('staff', () => {
  beforeAll(async () => {
    system = await startTestSystem()
    browser = await launchBrowser()
    eventId = await system.createEvent(60, system.list(), { name: 'Evening of all roles' })
    await inStep(system, eventId)
    const body = { ...VIEWER, name: 'Vera', role: 'VIEWER' }
    expect((await system.app.call('POST', '/operators', { token: system.token, body })).status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  it('gets an account, another role, and loses access at once', async () => {
    const admin = await visit(browser, system.app.url, ADMIN)
    await goTo(admin.page, 'account')
    const form = admin.page.getByRole('region', { name: 'New staff account' })
    await form.getByLabel('Name').fill('Otto Ohlsen')
    await form.getByLabel('E-mail').fill(OPERATOR.email)
    await form.getByLabel(/^First password/).fill(OPERATOR.password)
    await form.getByRole('button', { name: 'Create' }).click()
    await form.getByText('✓ Otto Ohlsen can sign in now.').waitFor()

    const otto = await visit(browser, system.app.url, OPERATOR, { viewport: PHONE })
    otto.expectComplaint(/status of 40[13]/)
    await goTo(otto.page, 'account')
    await otto.page.getByRole('region', { name: 'Your sessions' }).getByText('(this one)').waitFor()
    expect(await otto.page.getByRole('region', { name: 'Staff', exact: true }).count()).toBe(0)
    await goTo(otto.page, `events/${eventId}`)
    await otto.page.getByRole('button', { name: 'Pause sales' }).waitFor()

    await admin.page.getByLabel('Role of Otto Ohlsen').selectOption('VIEWER')
    await admin.page.getByRole('button', { name: 'Switch off the access of Otto Ohlsen' }).click()
    await admin.page.getByRole('row').filter({ hasText: 'Otto Ohlsen' }).getByText('switched off').waitFor()
    // His page finds out by itself, or by what he asks of it, whichever comes first.
    const pausing = otto.page.getByRole('button', { name: 'Pause sales' }).click({ timeout: 5_000 })
    await pausing.catch(() => {})
    await otto.page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await system.stock(eventId)).toMatchObject({ state: 'ON_SALE' })
    await otto.close()
    await admin.close()
  })

  it('who may only look sees the numbers and no button that changes anything', async () => {
    const { page, close } = await visit(browser, system.app.url, VIEWER)
    for (const part of ['channels', 'direct', 'rebalance', 'drift']) {
      await goTo(page, `events/${eventId}/${part}`)
      await page.getByTestId('sold-of-capacity').waitFor()
      await expect.poll(() => page.getByText('Reading…').count()).toBe(0)
      const names = await page.getByRole('main').getByRole('button').allInnerTexts()
      expect(names, part).toEqual([])
    }
    await goTo(page, 'system')
    await page.getByRole('region', { name: 'Mode' }).getByText('Normal').waitFor()
    await page.getByText('Queues: for admins').waitFor()
    expect(await page.getByRole('button', { name: 'Force fail-safe mode' }).count()).toBe(0)
    await close()
  })

  it('replays a delivery that was kept aside', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    const listings = system.list()
    await unmatchedDelivery(system, listings.eventbrite)
    await goTo(page, 'system/deliveries')
    const row = page.getByRole('row').filter({ hasText: 'Eventbrite' })
    await row.getByText('Unmatched').waitFor({ timeout: 60_000 })
    await row.getByText(`no channel sells EVENTBRITE event ${listings.eventbrite}`).waitFor()
    // Somebody has added the event since.
    await system.createEvent(30, listings, { name: 'Added later' })
    await row.getByRole('button', { name: 'Replay' }).click()
    await row.getByText('Replayed').waitFor()
    await close()
  })

  it('opens the queue browser as an admin, and as nobody else', async () => {
    const admin = await visit(browser, system.app.url, ADMIN)
    await goTo(admin.page, 'system')
    const [board] = await Promise.all([
      admin.context.waitForEvent('page'),
      admin.page.getByRole('link', { name: 'Queues' }).click(),
    ])
    const complaints: string[] = []
    board.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await board.getByText('deliveries').first().waitFor()
    expect(await board.title()).toContain('Traffic Police queues')
    // Its page asks another site for fonts and our policy says no: it shows its text in those of the machine.
    expect(complaints.filter((text) => !text.includes('fonts.googleapis.com'))).toEqual([])
    await admin.close()

    const viewer = await visit(browser, system.app.url, VIEWER)
    viewer.expectComplaint(/status of 403/)
    const answer = await viewer.page.goto(`${system.app.url}/admin/queues`)
    expect(answer?.status()).toBe(403)
    await viewer.close()
  })

  it('signs out, and nothing of before is left on the screen', async () => {
    const { page, expectComplaint, close } = await visit(browser, system.app.url, VIEWER)
    expectComplaint(/status of 401/)
    await page.getByRole('link', { name: 'Evening of all roles' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.goBack().catch(() => null)
    await page.goto(`${system.app.url}/#/events/${eventId}`)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await page.getByText('Evening of all roles').count()).toBe(0)
    await close()
  })
})
