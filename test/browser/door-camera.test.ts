import type { Browser } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findBrowser, launchBrowser } from '../support/browser/browser.js'
import { cameraShowing } from '../support/browser/camera-video.js'
import { addDoorUser, eventWith, openPhone, ticketOf } from '../support/browser/door.js'
import { openStage } from '../support/browser/stage.js'

const PARTY = 'Zoë Ángel'

describe.skipIf(!findBrowser())('The camera of the door page', () => {
  const stage = openStage()
  // What a camera sees is an option of a browser at its start.
  let browser: Browser | null = null
  let eventId: string

  beforeAll(async () => {
    await addDoorUser(stage.system)
    eventId = await eventWith(stage.system, [{ name: 'Ada Lovelace' }, { name: PARTY, tickets: 2 }])
  })

  afterEach(async () => {
    await browser?.close()
    browser = null
  })

  it('scans a QR code once while it is held, and shows the second scan in red with the time of the first', async () => {
    browser = await launchBrowser(cameraShowing((await ticketOf(stage.system, eventId, PARTY)).code))
    const { page, close } = await openPhone(browser, stage.system.app.url, eventId)
    const result = page.getByRole('alert', { name: 'Result' })
    await page.getByRole('button', { name: 'Scan' }).click()
    await result.getByText('✓ In').waitFor()
    await result.getByText(PARTY).waitFor()
    // One ticket of two: the other one has a code of its own, and was not let in by a code that stays visible.
    await result.getByRole('button', { name: 'The other one too' }).waitFor()
    const row = page.getByRole('listitem').filter({ hasText: PARTY })
    await row.getByText('1 of 2 in since').waitFor()
    const first = await row.locator('time').textContent()
    // The code is not visible for some seconds, and then again.
    await result.getByText('✕ Already in').waitFor()
    expect(await result.locator('time').textContent()).toBe(first)
    await page.getByRole('button', { name: 'Close the camera' }).click()
    expect(await page.getByRole('region', { name: 'Camera' }).count()).toBe(0)
    await close()
  })

  it('shows what to do when the camera is not allowed', async () => {
    browser = await launchBrowser(['--deny-permission-prompts', '--use-fake-device-for-media-stream'])
    const { page, close } = await openPhone(browser, stage.system.app.url, eventId)
    await page.getByRole('button', { name: 'Scan' }).click()
    await page.getByText('The camera is not allowed.').waitFor()
    await close()
  })
})
