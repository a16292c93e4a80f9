import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN } from '../support/service/app.js'
import { DESKTOP, findBrowser, goTo, launchBrowser, overflow, PHONE, visit } from '../support/browser/browser.js'
import { startTestSystem, until, type TestSystem } from '../support/service/test-system.js'

const OPERATOR = { email: 'otto@example.com', password: 'the password of Otto' }
const START = '2031-01-15T19:30:00Z'

/** By the whole label: it ends with an asterisk where the value is required. */
const field = (page: Page, label: string) => page.getByLabel(new RegExp(`^${label}( \\*)?$`))

let system: TestSystem
let browser: Browser

describe.skipIf(!findBrowser())('The settings of an event', () => {
  beforeAll(async () => {
    system = await startTestSystem()
    browser = await launchBrowser()
    const body = { ...OPERATOR, name: 'Otto', role: 'OPERATOR' }
    expect((await system.app.call('POST', '/operators', { token: system.token, body })).status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  const createEvent = () =>
    system.createEvent(100, system.list(), {
      name: 'Winter concert',
      venue: 'The Old Mill',
      startsAt: START,
      timezone: 'America/New_York',
      priceCents: 1_500,
      currency: 'EUR',
      channels: [],
    })
  const eventOf = async (id: string) => (await system.app.call('GET', `/events/${id}`, { token: system.token })).body
  const save = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click()

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])(
    'change everything that the API can change, on %s',
    async (_, viewport) => {
      const id = await createEvent()
      const { page, close } = await visit(browser, system.app.url, ADMIN, { viewport })
      await goTo(page, `events/${id}/settings`)
      const changes: [label: string, value: string][] = [
        ['Name', 'Spring concert'],
        ['Venue', 'The New Mill'],
        ['Start', '2031-02-01T18:00'],
        ['End', '2031-02-01T23:00'],
        ['End of online sales', '2031-02-01T17:00'],
        ['Capacity', '120'],
        ['Soft cap, %', '80'],
        ['Safety stock, %', '5'],
        ['Price, EUR', '20.50'],
        ['Tickets per customer', ''],
        ['Weight of direct sales', '3'],
      ]
      for (const [label, value] of changes) await field(page, label).fill(value)
      await page.getByLabel('Waitlist').selectOption({ label: 'The service, in the order of joining' })
      await page.getByLabel('Reason to free safety stock').fill('the door needs less')
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      await save(page)
      await page.getByText('✓ Saved.').waitFor()
      expect(await eventOf(id)).toMatchObject({
        name: 'Spring concert',
        venue: 'The New Mill',
        startsAt: '2031-02-01T23:00:00.000Z',
        endsAt: '2031-02-02T04:00:00.000Z',
        salesEndAt: '2031-02-01T22:00:00.000Z',
        targetCapacity: 120,
        softCapRatio: 0.8,
        safetyStockRatio: 0.05,
        priceCents: 2_050,
        maxHeldPerCustomer: null,
        directWeight: 3,
        waitlistPolicy: 'AUTOMATIC',
      })
      await close()
    },
    60_000,
  )

  it('send only what was changed: the end still follows the start', async () => {
    const id = await createEvent()
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, `events/${id}/settings`)
    const button = page.getByRole('button', { name: 'Save changes' })
    await button.waitFor()
    expect(await button.isEnabled()).toBe(false)
    await field(page, 'Start').fill('2031-01-16T14:30')
    await save(page)
    await page.getByText('✓ Saved.').waitFor()
    expect(await field(page, 'End').inputValue()).toBe('2031-01-16T20:30')
    const { body } = await system.app.call<{ items: unknown[] }>('GET', `/events/${id}`, { token: system.token })
    expect(body).toMatchObject({ endsAt: '2031-01-17T01:30:00.000Z', targetCapacity: 100 })
    await close()
  })

  it('keep what was entered when they are refused, and show why at the field', async () => {
    const id = await createEvent()
    const { page, expectError, close } = await visit(browser, system.app.url, ADMIN)
    expectError(/status of 400/)
    await goTo(page, `events/${id}/settings`)
    await field(page, 'Name').fill('Not saved yet')
    const end = field(page, 'End')
    await end.fill('2031-01-15T10:00')
    await save(page)
    await page.getByRole('alert').getByText('See the marked fields.').waitFor()
    expect(await end.getAttribute('aria-invalid')).toBe('true')
    await page.getByText(/^Would let the event end/).waitFor()
    expect(await field(page, 'Name').inputValue()).toBe('Not saved yet')
    expect(await eventOf(id)).toMatchObject({ name: 'Winter concert' })
    await end.fill('2031-01-15T22:00')
    expect(await end.getAttribute('aria-invalid')).not.toBe('true')
    await save(page)
    await until(async () => expect(await eventOf(id)).toMatchObject({ name: 'Not saved yet' }))
    await close()
  })

  it('let an operator keep the safety stock, and show who can lower it', async () => {
    const id = await createEvent()
    const { page, expectError, close } = await visit(browser, system.app.url, OPERATOR)
    expectError(/status of 403/)
    await goTo(page, `events/${id}/settings`)
    await page.getByText('Only an admin can lower the safety stock.').waitFor()
    await page.getByLabel('Safety stock, %').fill('1')
    await save(page)
    await page.getByRole('alert').getByText('Only an admin can free safety stock.').waitFor()
    await page.getByRole('button', { name: 'Discard changes' }).click()
    expect(await page.getByLabel('Safety stock, %').inputValue()).toBe('10')
    await close()
  })
})
