import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALERT_KINDS } from '../../src/alerts/alert-kinds.js'
import { ADMIN } from '../support/service/app.js'
import {
  DESKTOP,
  findBrowser,
  goTo,
  launchBrowser,
  openTab,
  overflow,
  PHONE,
  visit,
} from '../support/browser/browser.js'
import { findings } from '../support/browser/axe.js'
import { dashboardEvents } from '../support/browser/fixtures.js'
import { startTestSystem, type TestSystem } from '../support/service/test-system.js'

const PARTS = ['channels', 'sales', 'direct', 'rebalance', 'ledger', 'drift', 'settings', 'setup']

/** Elements whose text is clipped at their edge. */
const CUT = `[...document.querySelectorAll('body *')]
  .filter((element) => {
    const { overflowX, textOverflow } = getComputedStyle(element)
    const cuts = overflowX === 'hidden' || overflowX === 'clip' || textOverflow === 'ellipsis'
    return cuts && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1 && element.innerText
  })
  .map((element) => element.innerText.slice(0, 80))`

let system: TestSystem
let browser: Browser
let onSale: string
let alarmed: string

const pages = () => [
  '',
  ...PARTS.map((part) => `events/${onSale}/${part}`),
  `events/${alarmed}`,
  'events/new',
  'alerts/RED_ALARM',
  'system',
  'system/reconciliation',
  'system/deliveries',
  'system/background',
  'system/mails',
  'account',
]

/** Whether the page fits its width, after the renders that follow a change of size. */
async function fits(page: Page): Promise<boolean> {
  for (let frame = 0; frame < 100; frame++) {
    await page.evaluate('new Promise(requestAnimationFrame)')
    // The first frames still show the layout of the old width.
    if (frame >= 2 && (await overflow(page)) <= 0) return true
  }
  return false
}

/** Waits until a part of the dashboard shows what it has read. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await expect.poll(() => page.getByText('Loading…').count(), { timeout: 15_000 }).toBe(0)
}

describe.skipIf(!findBrowser())('The accessibility of the dashboard', () => {
  beforeAll(async () => {
    system = await startTestSystem()
    browser = await launchBrowser()
    ;({ onSale, alarmed } = await dashboardEvents(system))
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  // Colours differ by the scheme and layouts by the size: each is checked once.
  it.each([
    ['dark', 'a desktop', DESKTOP],
    ['light', 'a phone', PHONE],
  ] as const)(
    'with no serious finding of axe (%s, on %s)',
    async (colorScheme, _where, viewport) => {
      const login = await openTab(browser, system.app.url, { viewport, colorScheme })
      await login.page.getByRole('button', { name: 'Sign in' }).waitFor()
      expect(await findings(login.page), 'login').toEqual([])
      await login.close()

      const { page, close } = await visit(browser, system.app.url, ADMIN, { viewport, colorScheme })
      await page.emulateMedia({ reducedMotion: 'reduce' })
      const found: Record<string, string[]> = {}
      for (const part of pages()) {
        await goTo(page, part)
        await settled(page)
        const problems = await findings(page)
        if (problems.length > 0) found[part] = problems
      }
      await goTo(page, 'system')
      await page.getByRole('button', { name: 'Force fail-safe mode' }).click()
      await page.getByRole('dialog').getByLabel('Reason').waitFor()
      const dialog = await findings(page)
      expect({ ...found, ...(dialog.length > 0 ? { dialog } : {}) }).toEqual({})
      await close()
    },
    90_000,
  )

  it('fits every width without overflow or clipped text', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const found: string[] = []
    for (const part of pages()) {
      await goTo(page, part)
      await settled(page)
      for (const width of [1440, 1100, 768, 390, 320]) {
        await page.setViewportSize({ width, height: 900 })
        if (!(await fits(page))) found.push(`${part} is wider than ${width} px`)
        for (const text of await page.evaluate<string[]>(CUT)) found.push(`${part} cuts at ${width} px: ${text}`)
      }
    }
    expect(found).toEqual([])
    await close()
  }, 90_000)

  it('turns a table into cards when a cell outgrows it', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN, { viewport: DESKTOP })
    await goTo(page, `events/${onSale}`)
    await settled(page)
    const table = page.getByRole('table', { name: 'Channels and their state' })
    expect(await table.getAttribute('class')).not.toContain('cards')
    // Not by a render of the table: a cell changes its own text.
    const wide =
      'document.querySelector("td .short").append(Object.assign(document.createElement("b"), { textContent: "x".repeat(200) }))'
    await page.evaluate(wide)
    await expect.poll(() => table.getAttribute('class')).toContain('cards')
    expect(await fits(page)).toBe(true)
    await close()
  }, 30_000)

  it('negative control: the check finds clipped and overflowing elements', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN, { viewport: PHONE })
    await page.evaluate(`{
      const wide = document.createElement('p')
      wide.textContent = 'much too wide'
      wide.style.width = '500px'
      const cut = document.createElement('p')
      cut.textContent = 'cut off at its edge'
      Object.assign(cut.style, { width: '40px', overflow: 'hidden', whiteSpace: 'nowrap' })
      document.body.append(wide, cut)
    }`)
    expect(await overflow(page)).toBeGreaterThan(0)
    expect(await page.evaluate<string[]>(CUT)).toContain('cut off at its edge')
    await close()
  })

  it('can be used with the keyboard alone', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    await page.getByRole('link', { name: /^Open event/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'Channels' }).focus()
    for (let tabs = 0; tabs < 3; tabs++) await page.keyboard.press('ArrowRight')
    await page.getByRole('region', { name: 'Sell from the safety stock' }).waitFor()
    const closing = page.getByRole('button', { name: 'Close permanently' })
    await closing.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await expect.poll(() => page.evaluate("document.activeElement.closest('[role=dialog]') !== null")).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Close permanently')
    await close()
  })

  it('shows a runbook section for every kind of alert', async () => {
    const { page, close } = await visit(browser, system.app.url, ADMIN)
    const alert = page.getByRole('listitem').filter({ hasText: '⚠ Red alarm' })
    await alert.getByRole('link', { name: 'What to do' }).click()
    for (const kind of ALERT_KINDS) {
      await goTo(page, `alerts/${kind}`)
      const section = page.getByRole('region', { name: 'Runbook' })
      await expect.poll(() => section.getByRole('button', { expanded: true }).count()).toBe(1)
      await expect.poll(() => section.getByRole('listitem').count()).toBeGreaterThan(2)
    }
    expect(await page.getByRole('region', { name: 'Runbook' }).getByRole('button').count()).toBe(ALERT_KINDS.length)
    await close()
  })
})
