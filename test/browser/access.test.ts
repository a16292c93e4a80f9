import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN } from '../support/app.js'
import { findBrowser, goTo, launchBrowser, PHONE, visit } from '../support/browser.js'
import { inStep } from '../support/reconcile.js'
import { startTown, type Town } from '../support/town.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PARTS = ['channels', 'sales', 'direct', 'rebalance', 'ledger', 'drift']

interface Finding {
  id: string
  impact: string
  nodes: { html: string }[]
}

let town: Town
let browser: Browser
let eventId: string

/** Serious and critical findings; the rules of WCAG 2.2 A and AA and best practices. */
async function findings(page: Page): Promise<string[]> {
  // Not by a script element: the page's policy would refuse it.
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<{ violations: Finding[] }>('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

describe.skipIf(!findBrowser())('everybody can use the dashboard', () => {
  beforeAll(async () => {
    town = await startTown()
    browser = await launchBrowser()
    const seats = [
      {
        section: 'Stalls',
        rows: [
          { row: 'A', count: 12 },
          { row: 'B', count: 12 },
        ],
      },
    ]
    eventId = await town.createEvent(100, town.list(), { name: 'Open evening', seats, directWeight: 1 })
    await inStep(town, eventId)
    const held = await town.app.call('POST', `/events/${eventId}/holds`, {
      token: town.token,
      body: { seats: ['Stalls-A-3', 'Stalls-A-4'] },
    })
    expect(held.status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await town?.close()
  }, 60_000)

  it.each([
    ['light', undefined],
    ['dark', undefined],
    ['light', PHONE],
  ] as const)(
    'with no serious finding of axe (%s, %o), and nothing beside the screen',
    async (scheme, viewport) => {
      const { page, ...tab } = await visit(browser, town.app.url, ADMIN, viewport)
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      const pages = ['', ...PARTS.map((part) => `events/${eventId}/${part}`), 'alerts/RED_ALARM']
      const found: Record<string, string[]> = {}
      for (const part of [...pages, 'system', 'system/reconciliation', 'system/deliveries', 'account']) {
        await goTo(page, part)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await expect.poll(() => page.getByText('Reading…').count(), { timeout: 15_000 }).toBe(0)
        const problems = await findings(page)
        if (problems.length > 0) found[part] = problems
        expect(await overflow(page), `${part} is wider than the screen`).toBe(0)
      }
      expect(found).toEqual({})
      await tab.close()
    },
    90_000,
  )

  it('by keyboard alone', async () => {
    const { page, ...tab } = await visit(browser, town.app.url, ADMIN)
    await page.getByRole('link', { name: 'Open evening' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'Channels' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.getByRole('region', { name: 'Sell from the safety stock' }).waitFor()
    await page.getByRole('button', { name: 'Close for good' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await tab.close()
  })
})
