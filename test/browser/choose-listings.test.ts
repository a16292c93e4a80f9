import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { environmentConnectionId } from '../../src/domain/connection-record.js'
import { findings } from '../support/browser/axe.js'
import { DESKTOP, findBrowser, goTo, overflow, PHONE } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { ADMIN } from '../support/service/app.js'
import { until } from '../support/service/test-system.js'

const DAY_MS = 86_400_000

describe.skipIf(!findBrowser())('The choice of listings', () => {
  const stage = openStage()

  /** One event on three platforms, in 30 days; with something else on that date, and the same on another. */
  function list(name: string) {
    const { eventbrite, luma, meetup } = stage.system
    const later = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
    const classes = [
      { name: 'Early', capacity: 20, costCents: 1_200 },
      { name: 'Crew', capacity: 5, costCents: 0, hidden: true },
    ]
    const truth = eventbrite.control.createEvent({ name, capacityTotal: 80, classes, waitlistEnabled: true })
    eventbrite.control.buy({ eventId: truth.id, ticketClassId: truth.classes[0]?.id, quantity: 3 })
    eventbrite.control.createEvent({ name, capacityTotal: 9, start: later(50), end: later(51) })
    meetup.control.createEvent({ title: 'Board games', capacity: 9 })
    return {
      eventbrite: truth.id,
      luma: luma.control.createEvent({
        name: `${name.toUpperCase()} at the Kühlhaus`,
        ticketTypes: [{ maxCapacity: 40 }],
      }).eventId,
      meetup: meetup.control.createEvent({ title: `${name}!`, capacity: 30 }).eventId,
    }
  }

  const choose = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()

  it.each([
    ['a desktop', DESKTOP, 'light', 'Jazz concert'],
    ['a phone', PHONE, 'dark', 'Tango ball'],
  ] as const)(
    'offers the same event of all accounts together, and shows what the platforms show, on %s',
    async (_where, viewport, colorScheme, name) => {
      const listings = list(name)
      const { page, close } = await stage.visit(ADMIN, { viewport, colorScheme })
      await goTo(page, 'events/new')
      await page.getByRole('button', { name: 'Choose listings' }).click()
      const dialog = page.getByRole('dialog', { name: 'Choose the listings of the event' })
      const found = dialog.getByRole('list', { name: 'Listings' })
      await found.getByText('Board games').first().waitFor()
      await dialog.getByLabel('Search by name').fill(name.slice(0, 5))
      await found.getByText('Board games').first().waitFor({ state: 'detached' })
      const until40 = new Date(Date.now() + 40 * DAY_MS).toISOString().slice(0, 10)
      const named = () => found.getByText(name, { exact: true }).count()
      await expect.poll(named).toBe(2)
      await dialog.getByLabel('Until').fill(until40)
      await expect.poll(named).toBe(1)
      await found.getByText(/Eventbrite, Environment · .* · 3 of 80 sold/).waitFor()
      await found.getByText(/Luma, Environment · .* · sales not shown, limit 40/).waitFor()

      await choose(page, `Choose ${name} on Eventbrite, Environment`)
      const similar = dialog.getByRole('group', { name: 'Probably the same event' })
      await similar.getByText(`${name}!`, { exact: true }).waitFor()
      await expect.poll(() => similar.getByRole('listitem').count()).toBe(2)
      expect(await findings(page)).toEqual([])
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      await similar.getByRole('button', { name: 'Choose all 2' }).click()
      await dialog.getByRole('button', { name: 'Use 3 listings' }).click()

      expect(await page.getByRole('group', { name: 'Event' }).getByLabel('Name').inputValue()).toBe(name)
      expect(await page.getByLabel('Time zone').inputValue()).toBe('UTC')
      const start = await page.getByLabel('Start', { exact: false }).first().inputValue()
      expect(Math.abs(Date.parse(`${start}Z`) - Date.now() - 30 * DAY_MS)).toBeLessThan(3_600_000)
      await page.getByLabel('Capacity').fill('60')
      await page.getByLabel('Safety stock, %').fill('0')
      await page.getByRole('button', { name: 'Review' }).click()
      const note = page.getByRole('note')
      await note.getByText('at least 3 sold; the limits add up to 150, 90 more than the capacity.').waitFor()
      await page.getByText(`here in any case: ${name} on Eventbrite, Environment`).waitFor()
      expect(await findings(page)).toEqual([])
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      await page.getByRole('button', { name: 'Create the event' }).click()
      await page.getByText('All its listings are confirmed.', { exact: false }).waitFor()

      const id = new URL(page.url()).hash.split('/')[2] ?? ''
      const { body } = await stage.system.app.call('GET', `/events/${id}`, { token: stage.system.token })
      const of = (platform: 'EVENTBRITE' | 'LUMA' | 'MEETUP', externalEventId: string) => ({
        platform,
        connectionId: environmentConnectionId(platform),
        externalEventId,
        externalTicketClassId: null,
      })
      const chosen = [of('EVENTBRITE', listings.eventbrite), of('LUMA', listings.luma), of('MEETUP', listings.meetup)]
      const { channels } = body as { channels: object[] }
      expect(channels).toHaveLength(3)
      for (const one of chosen) expect(channels).toContainEqual(expect.objectContaining(one))
      // What an event drives cannot be chosen for another one.
      await goTo(page, 'events/new')
      await page.getByRole('button', { name: 'Choose listings' }).click()
      await dialog.getByLabel('Search by name').fill(name)
      await found.getByText('Already driven by an event').first().waitFor()
      // The one on the other date remains; what was read before the event was created is shown until it is read again.
      const free = found.getByRole('button', { name: `Choose ${name} on Eventbrite, Environment` })
      await expect.poll(() => free.count()).toBe(1)
      await close()
    },
    90_000,
  )

  it('takes ticket types as channels of their own, and not together with their listing', async () => {
    const listings = list('Chess open')
    const { page, close } = await stage.visit(ADMIN)
    await goTo(page, 'events/new')
    await page.getByRole('button', { name: 'Choose listings' }).click()
    const dialog = page.getByRole('dialog', { name: 'Choose the listings of the event' })
    await dialog.getByLabel('Search by name').fill('chess open')
    const row = dialog.getByRole('listitem').filter({ hasText: '3 of 80 sold' }).first()
    await row.getByText('Only one of its ticket types (2)').click()
    await row.getByText('Early · 12.00 USD · 3 of 20 sold').waitFor()
    await row.getByText('Crew · free · 0 of 5 sold · hidden from buyers').waitFor()
    await choose(page, 'Choose Chess open, Early on Eventbrite, Environment')
    const whole = row.getByRole('button', { name: 'Choose Chess open on Eventbrite, Environment' })
    expect(await whole.isDisabled()).toBe(true)
    await choose(page, 'Choose Chess open, Crew on Eventbrite, Environment')
    await dialog.getByRole('button', { name: 'Use 2 listings' }).click()
    await page.getByLabel('Capacity').fill('20')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Create the event' }).click()
    await page.getByRole('region', { name: 'Setting up the listings' }).waitFor()
    const id = new URL(page.url()).hash.split('/')[2] ?? ''
    const { body } = await stage.system.app.call('GET', `/events/${id}`, { token: stage.system.token })
    expect(body).toMatchObject({
      channels: [
        { externalEventId: listings.eventbrite, externalTicketClassId: expect.any(String), label: 'Early' },
        { externalEventId: listings.eventbrite, externalTicketClassId: expect.any(String), label: 'Crew' },
      ],
    })
    await close()
  }, 60_000)

  it('adds one to an event on sale, and names an account that cannot be listed', async () => {
    const listings = list('Poetry slam')
    const channels = [{ platform: 'LUMA', externalEventId: listings.luma }]
    const eventId = await stage.system.createEvent(60, stage.system.list(), { channels })
    const { page, expectError, close } = await stage.visit(ADMIN)
    expectError(/status of 503/)
    await page.route(/con_environment_meetup\/listings/, (route) => route.fulfill({ status: 503, body: '' }))
    await goTo(page, `events/${eventId}`)
    await page.getByRole('button', { name: 'Add a listing' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a listing' })
    await dialog.getByText('Meetup, Environment cannot be listed').first().waitFor()
    await page.unroute(/con_environment_meetup\/listings/)
    await dialog.getByRole('button', { name: 'Try again: Meetup, Environment' }).click()
    await dialog.getByText('Poetry slam!', { exact: true }).waitFor()
    await choose(page, 'Choose Poetry slam! on Meetup, Environment')
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Add the listing' }).click()
    await until(async () => {
      const { channels: shown } = await stage.system.stock(eventId)
      const meetup = shown.find(({ platform }) => platform === 'MEETUP')
      expect(meetup).toMatchObject({ externalEventId: listings.meetup, confirmedCap: 27 })
    })
    await close()
  }, 60_000)
})
