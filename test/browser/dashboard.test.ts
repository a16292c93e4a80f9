import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Response } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FailSafeCoordinator } from '../../src/fail-safe/fail-safe-coordinator.js'
import { ADMIN } from '../support/service/app.js'
import { findBrowser, goTo, launchBrowser, openTab, PHONE, signIn, visit } from '../support/browser/browser.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/service/test-system.js'

const SECOND = { email: 'second@example.com', password: 'a second password', name: 'Second Admin', role: 'ADMIN' }

let system: TestSystem
let browser: Browser
let eventId: string
let listings: Listings

/** Bytes on the wire, compressed. */
async function sizeOf(response: Response): Promise<number> {
  expect(response.headers()['content-encoding'], response.url()).toBe('gzip')
  return (await response.request().sizes()).responseBodySize
}

/** 100 tickets, 10 of them safety stock; the red alarm comes at 50. */
describe.skipIf(!findBrowser())('The dashboard', () => {
  beforeAll(async () => {
    system = await startTestSystem({ env: { FAIL_SAFE_AFTER_MS: '10000', FAIL_SAFE_RECOVERY_MS: '500' } })
    await system.app.app.get(FailSafeCoordinator).start()
    browser = await launchBrowser()
    listings = system.list()
    eventId = await system.createEvent(100, listings, { name: 'Browser event', softCapRatio: 0.5 })
    await untilInSync(system, eventId)
    const made = await system.app.call('POST', '/operators', { token: system.token, body: SECOND })
    expect(made.status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  it('loads quickly, with less than 250 kB of script', async () => {
    const { page, close } = await openTab(browser, 'about:blank')
    const scripts = new Map<string, Promise<number>>()
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'script') return
      scripts.set(response.url(), sizeOf(response))
    })
    await page.goto(system.app.url)
    await signIn(page, ADMIN)
    // All scripts, including those that only other pages need.
    const event = `events/${eventId}`
    for (const part of [
      event,
      `${event}/sales`,
      'events/new',
      'alerts',
      'system',
      'system/connections',
      'system/notifications',
      'account',
    ]) {
      await goTo(page, part)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await expect.poll(() => page.getByText('Loading…').count()).toBe(0)
    }
    const sizes = await Promise.all(scripts.values())
    expect(sizes.length).toBeGreaterThan(3)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000)

    // Until the numbers are shown. The best of three: the machine may be busy.
    await goTo(page, `events/${eventId}`)
    // Intercepting requests disables the browser's cache.
    await page.route('**/*', (route) => route.continue())
    const loads: number[] = []
    for (let load = 0; load < 3; load++) {
      await page.reload()
      await page.getByTestId('sold-of-capacity').waitFor()
      loads.push(await page.evaluate<number>('performance.now()'))
    }
    // An idle machine takes 0.7 s; the limit allows for a busy one.
    console.log(`the event's numbers are visible after ${Math.round(Math.min(...loads))} ms`)
    expect(Math.min(...loads)).toBeLessThan(5_000)
    await close()
  })

  it('explains the refusal of a wrong password', async () => {
    const { page, expectError, close } = await openTab(browser, system.app.url)
    expectError(/status of 401/)
    await page.getByLabel('E-mail').fill(ADMIN.email)
    await page.getByLabel(/^Password/).fill('not this one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor()
    await close()
  })

  it('reports a script that the content security policy refuses', async () => {
    const { page, errors, expectError, close } = await openTab(browser, system.app.url)
    await page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.body.append(script)
    }`)
    await expect.poll(errors).toEqual([expect.stringMatching(/inline script.*Content Security Policy/)])
    expect(await page.evaluate('window.ran')).toBeUndefined()
    expectError(/inline script/)
    await close()
  })

  it('shows sales as they happen, and the red alarm', async () => {
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN)
    await page.getByRole('link', { name: 'Browser event' }).click()
    await page.getByText('Live', { exact: true }).waitFor()
    system.luma.control.register({ eventId: listings.luma, quantity: 2, email: 'first@example.com' })
    await page.getByTestId('sold-of-capacity').getByText('2', { exact: true }).waitFor()
    // A buyer is refused while a cap is being moved, so buyers register until enough succeed.
    const alarm = page.getByText('⚠ Red alarm').first()
    for (let index = 0; index < 200 && !(await alarm.isVisible()); index++) {
      system.luma.control.register({ eventId: listings.luma, email: `buyer${index}@example.com` })
      system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 })
      await sleep(50)
    }
    await alarm.waitFor()
    await expect.poll(() => page.getByText(/Adds up to 100 of 100/).count()).toBe(1)
    await goTo(page, '')
    await page.getByRole('region', { name: 'Red alarm' }).getByRole('link', { name: 'Browser event' }).waitFor()
    await page.getByRole('button', { name: /^Acknowledge Red alarm/ }).click()
    await page.getByRole('button', { name: /^Acknowledge Red alarm/ }).waitFor({ state: 'detached' })
    // The alert stays open with the alarm, and shows who acknowledged it.
    await page.getByText('Browser event: ').waitFor()
    await page.getByText(ADMIN.email).first().waitFor()
    await tab.close()
  })

  it('sells from the safety stock at the door, on a phone', async () => {
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN, { viewport: PHONE })
    await goTo(page, `events/${eventId}/direct`)
    const form = page.getByRole('region', { name: 'Sell from the safety stock' })
    await form.getByLabel('Tickets').fill('2')
    await form.getByLabel('Reason').fill('speaker brings a guest')
    await form.getByLabel("Buyer's name").fill('Dora Door')
    await form.getByLabel("Buyer's e-mail").fill('dora@example.com')
    await form.getByRole('button', { name: 'Sell' }).click()
    await form.getByText('✓ Sold 2. Codes for check-in:').waitFor()
    await form.getByText('8 left.').waitFor()
    expect(await system.stock(eventId)).toMatchObject({ safetyStock: { remaining: 8 } })
    await tab.close()
  })

  it('sells once when the response to a sale is lost and the button is pressed again', async () => {
    const sold = await system.createEvent(30, system.list(), { name: 'Lost response' })
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN)
    tab.expectError(/ERR_FAILED/)
    const keys: (string | undefined)[] = []
    // The service has sold when the connection breaks, the first time.
    await page.route('**/safety-stock/sales', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length > 1) return route.continue()
      expect((await route.fetch()).status()).toBe(201)
      return route.abort()
    })
    await goTo(page, `events/${sold}/direct`)
    const form = page.getByRole('region', { name: 'Sell from the safety stock' })
    const fill = async (reason: string) => {
      await form.getByLabel('Tickets').fill('1')
      await form.getByLabel('Reason').fill(reason)
      await form.getByLabel("Buyer's name").fill('Dora Door')
      await form.getByLabel("Buyer's e-mail").fill('dora@example.com')
    }
    await fill('first guest')
    await form.getByRole('button', { name: 'Sell' }).click()
    await form.getByText('Nothing was sold').waitFor()
    await form.getByRole('button', { name: 'Sell' }).click()
    await form.getByText('✓ Sold 1. Codes for check-in:').waitFor()
    expect(await system.stock(sold)).toMatchObject({ safetyStock: { remaining: 2 } })
    await fill('second guest')
    await form.getByRole('button', { name: 'Sell' }).click()
    await until(async () => expect(await system.stock(sold)).toMatchObject({ safetyStock: { remaining: 1 } }))
    expect(keys).toEqual([expect.any(String), keys[0], expect.not.stringMatching(`^${keys[0]}$`)])
    await tab.close()
  })

  it('requests a release, which another admin approves', async () => {
    const requester = await visit(browser, system.app.url, ADMIN)
    await goTo(requester.page, `events/${eventId}/direct`)
    const form = requester.page.getByRole('region', { name: 'Request a release' })
    await form.getByLabel('Platform').selectOption({ label: 'Luma' })
    await form.getByLabel('Units').fill('3')
    await form.getByLabel('Reason for the release').fill('waitlist on Luma is long')
    await form.getByRole('button', { name: 'Request' }).click()
    await requester.page.getByText('pending: another admin').waitFor()
    expect(await requester.page.getByRole('button', { name: /^Approve/ }).count()).toBe(0)

    const deciding = await visit(browser, system.app.url, SECOND)
    await goTo(deciding.page, `events/${eventId}/direct`)
    await deciding.page.getByRole('button', { name: 'Approve 3 to Luma' }).click()
    await deciding.page.getByText(/^Approved by you/).waitFor()
    await requester.page.getByText(/^Approved by Second Admin/).waitFor()
    expect(await system.stock(eventId)).toMatchObject({ safetyStock: { remaining: 5 } })
    await requester.close()
    await deciding.close()
  })

  it('raises the soft cap and reopens', async () => {
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN)
    tab.expectError(/status of 409/)
    await goTo(page, `events/${eventId}`)
    await page.getByRole('button', { name: 'Reopen' }).click()
    await page
      .getByRole('alert')
      .getByText(/raise the soft cap first/)
      .waitFor()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByLabel('Soft cap, %').fill('95')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('✓ Saved.').waitFor()
    await page.getByRole('button', { name: 'Reopen' }).click()
    await page.getByText('On sale', { exact: true }).first().waitFor()
    expect(await system.stock(eventId)).toMatchObject({ state: 'ON_SALE', softCap: { ratio: 0.95, redAlarm: false } })
    await tab.close()
  })

  it('pauses one platform and resumes it', async () => {
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN)
    const quiet = await system.createEvent(90, system.list(), { name: 'Paused event' })
    await untilInSync(system, quiet)
    await goTo(page, `events/${quiet}`)
    await page.getByRole('button', { name: 'Pause Luma' }).click()
    await page.getByText('paused manually').waitFor()
    const luma = async () => (await system.stock(quiet)).channels.find(({ platform }) => platform === 'LUMA')
    await until(async () => expect(await luma()).toMatchObject({ mode: 'WAITLIST_ONLY', confirmedCap: 1 }))
    await page.getByRole('button', { name: 'Resume Luma' }).click()
    await until(async () => expect(await luma()).toMatchObject({ mode: 'OPEN' }))
    await tab.close()
  })

  it('forces fail-safe mode with a typed word and a reason, and exits it', async () => {
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN)
    await goTo(page, 'system')
    await page.getByRole('button', { name: 'Force fail-safe mode' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/^\d+ channels are set to waitlist only/).waitFor()
    await dialog.getByLabel('Reason').fill('a drill')
    expect(await dialog.getByRole('button', { name: 'Force fail-safe mode' }).isEnabled()).toBe(false)
    await dialog.getByLabel(/^Type/).fill('stop selling')
    await dialog.getByRole('button', { name: 'Force fail-safe mode' }).click()
    await page.getByText('⚠ Fail-safe mode: nothing is sold').waitFor()
    await page.getByText('forced by admin@example.com').waitFor()
    const modes = async () => (await system.stock(eventId)).channels.map(({ mode }) => mode)
    await until(async () => expect(new Set(await modes())).toEqual(new Set(['WAITLIST_ONLY'])))
    const refused = await system.app.call('POST', `/events/${eventId}/holds`, {
      token: system.token,
      body: { quantity: 1 },
    })
    expect(refused).toMatchObject({ status: 503, body: { code: 'FAIL_SAFE' } })

    await page.getByRole('button', { name: 'Exit fail-safe mode' }).click()
    await dialog.getByLabel('Reason').fill('the drill is over')
    await dialog.getByLabel(/^Type/).fill('sell again')
    await dialog.getByRole('button', { name: 'Exit fail-safe mode' }).click()
    await page.getByText('⚠ Fail-safe mode: nothing is sold').waitFor({ state: 'detached', timeout: 90_000 })
    await page.getByText('Normal, recovered').waitFor()
    await until(async () => expect(await modes()).toContain('OPEN'))
    await tab.close()
  })

  it('shows the drift that a reconciliation found', async () => {
    const { page, ...tab } = await visit(browser, system.app.url, ADMIN)
    // A cap was changed manually on the platform, where no poll restores it before the reconciliation finds it.
    const event = system.list()
    const drifting = await system.createEvent(60, event, { name: 'Drifting event' })
    await untilInSync(system, drifting)
    system.eventbrite.control.edit(event.eventbrite, null, { capacity_total: 55 })
    await goTo(page, `events/${drifting}/drift`)
    await page.getByRole('button', { name: 'Reconcile now' }).click()
    await page.getByRole('cell', { name: 'Cap drift' }).first().waitFor({ timeout: 90_000 })
    await goTo(page, 'system/reconciliation')
    await page.getByRole('button', { name: 'Show differences' }).first().click()
    await page.getByRole('region', { name: 'Differences found' }).getByText('Cap drift').first().waitFor()
    await tab.close()
  })

  it('revokes a session, whose tab is then signed out', async () => {
    const phone = await visit(browser, system.app.url, SECOND, { viewport: PHONE })
    const desktop = await visit(browser, system.app.url, SECOND)
    phone.expectError(/status of 401/)
    await goTo(desktop.page, 'account')
    const others = desktop.page.getByRole('button', { name: /^Revoke the session/ })
    await others.first().waitFor()
    while ((await others.count()) > 0) {
      const before = await others.count()
      await others.first().click()
      await expect.poll(() => others.count()).toBeLessThan(before)
    }
    await goTo(phone.page, 'account')
    await phone.page.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 90_000 })
    await phone.close()
    await desktop.close()
  })
})
