import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN } from '../support/service/app.js'
import { findBrowser, goTo } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { addManualConnection } from '../support/fixtures/manual-connection.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { until } from '../support/service/test-system.js'

describe.skipIf(!findBrowser())('The listings of an event', () => {
  const stage = openStage()

  beforeAll(async () => {
    await addManualConnection(stage.system.apps)
  })

  it('are added, renamed and detached on a desktop', async () => {
    const viewport = { width: 1440, height: 900 }
    const listings = stage.system.list()
    const channels = [{ platform: 'LUMA', externalEventId: listings.luma }]
    const eventId = await stage.system.createEvent(60, listings, { channels })
    await untilInSync(stage.system, eventId)
    const { page, expectError, close } = await stage.visit(ADMIN)
    // The accounts are read as soon as the dialog opens; one that is late or at its rate limit is named there.
    expectError(/status of 503/)
    await page.setViewportSize(viewport)
    await goTo(page, `events/${eventId}`)
    await page.getByRole('tab', { name: 'Channels' }).click()
    const table = page.getByRole('region', { name: 'Channels' })

    await page.getByRole('button', { name: 'Add a listing' }).click()
    const adding = page.getByRole('dialog', { name: 'Add a listing' })
    await adding.getByText('By its id').click()
    await adding.getByLabel('Id of the listing').fill(listings.eventbrite)
    await adding.getByRole('textbox', { name: 'Name' }).fill('Members')
    await adding.getByRole('button', { name: 'Add the listing' }).click()
    await table.getByText('Eventbrite, Members').waitFor()
    await untilInSync(stage.system, eventId)

    await page.getByRole('button', { name: 'Change Eventbrite, Members' }).click()
    const changing = page.getByRole('dialog', { name: 'Change Eventbrite, Members' })
    await changing.getByRole('textbox', { name: 'Name' }).fill('Friends')
    await changing.getByRole('button', { name: 'Save the channel' }).click()
    await table.getByText('Eventbrite, Friends').waitFor()

    await page.getByRole('button', { name: 'Detach Eventbrite, Friends' }).click()
    const detaching = page.getByRole('dialog', { name: 'Detach Eventbrite, Friends' })
    await detaching.getByLabel('Reason').fill('the room is smaller')
    await detaching.getByRole('button', { name: 'Detach', exact: true }).click()
    await table.getByText('detached: no longer read or written').waitFor()
    await until(async () => {
      const shown = (await stage.system.stock(eventId)).channels.find(({ platform }) => platform === 'EVENTBRITE')
      expect(shown).toMatchObject({ state: 'DETACHED', label: 'Friends', mode: 'WAITLIST_ONLY' })
    })
    await close()
  }, 90_000)

  it('without an API show a task until it is confirmed on a phone', async () => {
    const viewport = { width: 390, height: 844 }
    const name = `Facebook ${viewport.width}`
    const eventId = await stage.system.createEvent(60, stage.system.list(), { channels: [], directWeight: 1 })
    const { page, expectError, close } = await stage.visit(ADMIN)
    // The accounts are read as soon as the dialog opens; one that is late or at its rate limit is named there.
    expectError(/status of 503/)
    await page.setViewportSize(viewport)
    await goTo(page, `events/${eventId}`)
    await page.getByRole('tab', { name: 'Channels' }).click()
    await page.getByRole('button', { name: 'Add a listing' }).click()
    const adding = page.getByRole('dialog', { name: 'Add a listing' })
    await adding.getByText('By its id').click()
    await adding.getByRole('combobox', { name: 'Platform' }).selectOption('Manual list')
    await adding.getByLabel('Address or name of the list').fill(name)
    await adding.getByRole('button', { name: 'Add the listing' }).click()

    const task = page.getByRole('group', { name: `Task for ${name}` })
    const request = task.getByText(`Set ${name} to 27, then confirm`)
    await request.waitFor({ timeout: 30_000 })
    await task.getByLabel('Sold').fill('4')
    await task.getByRole('button', { name: 'Confirm' }).click()
    // Not the task: its first sales may give the listing units of the direct channel, which is a new task.
    await request.waitFor({ state: 'detached' })
    const shown = (await stage.system.stock(eventId)).channels.find(({ platform }) => platform === 'MANUAL')
    expect(shown).toMatchObject({ confirmedCap: 27, sold: 4 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width)
    await close()
  }, 90_000)
})
