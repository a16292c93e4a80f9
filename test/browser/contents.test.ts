import { describe, expect, it } from 'vitest'
import { findings } from '../support/browser/axe.js'
import { findBrowser, goTo } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { readContents } from '../support/fixtures/contents.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { ADMIN } from '../support/service/app.js'
import { until } from '../support/service/test-system.js'

describe.skipIf(!findBrowser())('Title and time of listings', () => {
  const stage = openStage()

  it.each([
    ['a desktop', { width: 1440, height: 900 }],
    ['a phone', { width: 390, height: 844 }],
  ])(
    'are compared, previewed and written on %s',
    async (_, viewport) => {
      const name = 'Winter reading'
      const eventId = await stage.system.createEvent(60, stage.system.list(), { name, timezone: 'Europe/Berlin' })
      await untilInSync(stage.system, eventId)
      await readContents(stage.system)
      const { page, close } = await stage.visit(ADMIN)
      await page.setViewportSize(viewport)
      await goTo(page, `events/${eventId}`)
      await page.getByRole('tab', { name: 'Title and time' }).click()
      const panel = page.getByRole('region', { name: 'Title, time and place' })
      await panel.getByText(`The event shows “${name}”, `).waitFor()
      await panel.getByText('Quarterly Meetup (differs)').waitFor()
      expect(await findings(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width)

      await page.getByRole('button', { name: 'Write to all listings' }).click()
      const dialog = page.getByRole('dialog', { name: 'Write to all listings' })
      await dialog.getByRole('button', { name: 'Preview' }).click()
      await dialog.getByText('Meetup: title; on the platform: start, end.').waitFor()
      expect(await findings(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Write now' }).click()
      await dialog.waitFor({ state: 'hidden' })
      await until(async () => expect(await panel.getByText(/^Written/).count()).toBe(3), 60_000)
      await panel.getByText(`The event shows “${name}”, `).waitFor({ state: 'hidden' })
      await close()
    },
    120_000,
  )

  it('are cancelled everywhere once the event is closed, after a preview, by an admin', async () => {
    const { app, token } = stage.system
    const eventId = await stage.system.createEvent(60, stage.system.list(), { name: 'Flooded reading' })
    await untilInSync(stage.system, eventId)
    expect((await app.call('POST', `/events/${eventId}/close`, { token })).status).toBe(200)
    const { page, close } = await stage.visit(ADMIN)
    await page.setViewportSize({ width: 390, height: 844 })
    await goTo(page, `events/${eventId}/contents`)
    await page.getByRole('button', { name: 'Cancel all listings' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel all listings' })
    await dialog.getByLabel('Reason').fill('the venue is flooded')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    await dialog.getByText(/^Luma: cancellation/).waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Cancel the listings now' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const panel = page.getByRole('region', { name: 'Title, time and place' })
    await until(async () => expect(await panel.getByText(/^Cancelled/).count()).toBe(3), 60_000)
    await close()
  }, 120_000)
})
