import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { findBrowser } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { ADMIN } from '../support/service/app.js'
import { EVENTBRITE_TOKEN, LUMA_KEY, MEETUP_TOKEN, until } from '../support/service/test-system.js'

/** More than now is a step that people did not need before. */
const MOST_CLICKS = 28

describe.skipIf(!findBrowser())('The way of an event', () => {
  const stage = openStage({ hasAccounts: false })

  async function connect(page: Page, platform: string, name: string, secret?: [label: RegExp, value: string]) {
    await page.getByRole('button', { name: 'Connect an account' }).click()
    const form = page.getByRole('dialog', { name: 'Connect an account' })
    await form.getByLabel('Platform').selectOption(platform)
    await form.getByRole('textbox', { name: 'Name' }).fill(name)
    if (secret) {
      if (platform === 'MEETUP') await form.getByLabel('Credentials').selectOption('Access token')
      await form.getByLabel(secret[0]).fill(secret[1])
    }
    await form.getByRole('button', { name: 'Connect' }).click()
    await form.waitFor({ state: 'detached' })
    await page
      .getByRole('row', { name: new RegExp(name) })
      .getByText('✓ Ready')
      .waitFor()
  }

  it('goes from an empty installation to its end on the page alone', async () => {
    const name = 'Winter concert'
    const eventbrite = (title: string) =>
      stage.system.eventbrite.control.createEvent({ name: title, capacityTotal: 100, waitlistEnabled: true }).id
    const [first, second] = [eventbrite(name), eventbrite(`${name}, matinee`)]
    const luma = stage.system.luma.control.createEvent({ name, ticketTypes: [{ maxCapacity: 50 }] }).eventId
    const meetup = stage.system.meetup.control.createEvent({ title: name, capacity: 50, guestLimit: 0 }).eventId
    const { page, close } = await stage.visit(ADMIN)
    await page.evaluate(
      "window.clicks = 0; addEventListener('pointerdown', () => { window.clicks += 1 }, { capture: true })",
    )

    await page.getByRole('link', { name: 'under System, Connections' }).click()
    await connect(page, 'EVENTBRITE', 'Ticket shop', [/^Private token/, EVENTBRITE_TOKEN])
    await connect(page, 'LUMA', 'Main calendar', [/^Calendar key/, LUMA_KEY])
    await connect(page, 'MEETUP', 'Our groups', [/^Access token/, MEETUP_TOKEN])
    await connect(page, 'MANUAL', 'Lists')

    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('✓ 4 connected.').waitFor()
    await page.getByRole('link', { name: 'New event' }).click()
    await page.getByRole('button', { name: 'Choose listings' }).click()
    await page.getByRole('button', { name: `Choose ${name} on Eventbrite, Ticket shop` }).click()
    await page.getByRole('button', { name: 'Choose all 2' }).click()
    await page.getByRole('button', { name: 'Use 3 listings' }).click()
    await page.getByRole('button', { name: 'Add a list without an API' }).click()
    await page.getByLabel('Address or name of the list').fill('Facebook')
    await page.getByLabel('Capacity').fill('100')
    await page.getByLabel('Safety stock, %').fill('0')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Create the event' }).click()
    await page.getByText('3 of 4 confirmed.').waitFor()
    const id = new URL(page.url()).hash.split('/')[2] ?? ''

    await page.getByRole('link', { name: 'Set Facebook to 25, then confirm' }).click()
    const task = page.getByRole('group', { name: 'Task for Facebook' })
    await task.getByRole('button', { name: 'Confirm' }).click()
    await task.waitFor({ state: 'detached' })

    stage.system.eventbrite.control.buy({ eventId: first, quantity: 4 })
    for (let guest = 0; guest < 3; guest++) {
      stage.system.luma.control.register({ eventId: luma, name: 'Ada', email: `ada${guest}@example.com` })
    }
    stage.system.meetup.control.rsvp(meetup, { memberName: 'Grace' })
    await page.getByTestId('sold-of-capacity').getByText('8', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Add a listing' }).click()
    await page.getByRole('button', { name: `Choose ${name}, matinee on Eventbrite` }).click()
    await page.getByRole('button', { name: 'Add the listing' }).click()
    await page.getByRole('button', { name: `Detach Eventbrite ${first}` }).click()
    const detaching = page.getByRole('dialog', { name: `Detach Eventbrite ${first}` })
    await detaching.getByLabel('Reason').fill('the matinee replaces it')
    await detaching.getByRole('button', { name: 'Detach', exact: true }).click()
    await page.getByText('detached: no longer read or written').waitFor()
    stage.system.eventbrite.control.buy({ eventId: second, quantity: 1 })
    await page.getByTestId('sold-of-capacity').getByText('9', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Close permanently' }).click()
    await page.getByRole('dialog').getByLabel(/^Type/).fill(name)
    await page.getByRole('dialog').getByRole('button', { name: 'Close permanently' }).click()
    await task.getByText('Set Facebook to 0, then confirm').waitFor()
    await task.getByRole('button', { name: 'Confirm' }).click()
    await task.waitFor({ state: 'detached' })
    await until(async () => {
      const { state, sold, channels } = await stage.system.stock(id)
      expect([state, sold]).toEqual(['CLOSED', 9])
      for (const channel of channels) expect(channel.mode, channel.platform).toBe('WAITLIST_ONLY')
    })
    const clicks = await page.evaluate<number>('window.clicks')
    console.log(`from an empty installation to a closed event: ${clicks} clicks`)
    expect(clicks).toBeLessThanOrEqual(MOST_CLICKS)
    await close()
  }, 120_000)
})
