import { describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { ADMIN } from '../support/service/app.js'
import { findings } from '../support/browser/axe.js'
import { DESKTOP, findBrowser, goTo, overflow, PHONE } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { addManualConnection } from '../support/fixtures/manual-connection.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { until } from '../support/service/test-system.js'

const PAGES = ['', 'events/new', 'alerts', 'system', 'account']

describe.skipIf(!findBrowser())('What needs a person', () => {
  const stage = openStage()

  it('is not mentioned while there is nothing', async () => {
    const { page, close } = await stage.visit(ADMIN)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('region', { name: 'First steps' }).waitFor()
    expect(await page.getByRole('navigation', { name: 'Needs attention' }).count()).toBe(0)
    await close()
  })

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])(
    'is on top of every page, with a link to its place, on %s',
    async (where, viewport) => {
      const listings = stage.system.list()
      const eventId = await stage.system.createEvent(40, listings, {
        name: `Full event of ${where}`,
        softCapRatio: 0.1,
      })
      await untilInSync(stage.system, eventId)
      const release = { platform: 'LUMA', quantity: 2, reason: 'the waitlist there is long' }
      const { token } = stage.system
      const request = await stage.system.app.call('POST', `/events/${eventId}/safety-stock/releases`, {
        token,
        body: release,
      })
      expect(request.status).toBe(201)
      for (let index = 0; index < 4; index++) {
        stage.system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 })
      }
      await until(async () => expect(await stage.system.stock(eventId)).toMatchObject({ state: 'RED_ALARM' }))
      const { page, close } = await stage.visit(ADMIN, { viewport })
      const bar = page.getByRole('navigation', { name: 'Needs attention' })
      for (const part of [...PAGES, `events/${eventId}`]) {
        await goTo(page, part)
        await bar.getByRole('link', { name: /^Red alarm/ }).waitFor()
        await bar.getByRole('link', { name: 'Release of 2 to Luma awaits approval' }).first().waitFor()
        expect(await overflow(page), part).toBeLessThanOrEqual(0)
      }
      await goTo(page, 'account')
      await bar.getByRole('link', { name: 'Release of 2 to Luma awaits approval' }).first().click()
      await page.getByText('It is for an admin other than the one who requested it.', { exact: false }).waitFor()
      await close()
    },
    60_000,
  )

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])(
    'shows the caps to set on listings without an API, overdue ones marked, on %s',
    async (where, viewport) => {
      await addManualConnection(stage.system.apps, `Lists of ${where}`)
      const { body } = await stage.system.app.call<{ items: { id: string; label: string }[] }>('GET', '/connections', {
        token: stage.system.token,
      })
      const connectionId = body.items.find(({ label }) => label === `Lists of ${where}`)?.id
      const name = `Facebook of ${where}`
      const list = { platform: 'MANUAL', connectionId, externalEventId: `list of ${where}`, label: name }
      const fields = { name: `Quiz of ${where}`, channels: [list], safetyStockRatio: 0.1 }
      const eventId = await stage.system.createEvent(50, stage.system.list(), fields)
      const { page, close } = await stage.visit(ADMIN, { viewport })
      const bar = page.getByRole('navigation', { name: 'Needs attention' })
      const item = bar.getByRole('link', { name: `Set ${name} to 45, then confirm` })
      await goTo(page, 'account')
      await item.waitFor()
      const database = stage.system.app.app.get(PrismaService)
      const before = new Date(Date.now() - 11 * 60_000)
      await database.channel.updateMany({ where: { eventId }, data: { taskSince: before } })
      await bar.getByRole('link', { name: `Overdue: set ${name} to 45, then confirm` }).click()
      const task = page.getByRole('group', { name: `Task for ${name}` })
      await task.getByText(', overdue').waitFor()
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      await task.getByRole('button', { name: 'Confirm' }).click()
      await bar.getByText(name).waitFor({ state: 'detached' })
      await close()
    },
    60_000,
  )
})
