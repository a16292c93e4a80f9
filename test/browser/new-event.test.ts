import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ADMIN } from '../support/service/app.js'
import { findings } from '../support/browser/axe.js'
import { DESKTOP, findBrowser, goTo, overflow, PHONE } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { until } from '../support/service/test-system.js'

describe.skipIf(!findBrowser())('A new event', () => {
  const stage = openStage()

  async function fillEvent(page: Page, name: string): Promise<void> {
    const event = page.getByRole('group', { name: 'Event' })
    await event.getByLabel('Name').fill(name)
    await page.getByLabel('Time zone').fill('Europe/Berlin')
    await page.getByLabel('Start', { exact: false }).first().fill('2031-06-01T19:30')
    await page.getByLabel('Capacity').fill('90')
    await page.getByLabel('Price, EUR').fill('12.50')
  }

  async function addListing(page: Page, number: number, platform: string, listing: string): Promise<void> {
    await page.getByRole('button', { name: 'Add a listing by its id' }).click()
    const group = page.getByRole('group', { name: `Listing ${number}` })
    await group.getByRole('combobox', { name: 'Platform' }).selectOption(platform)
    await group.getByLabel('Id of the listing').fill(listing)
  }

  it('is what an empty installation begins with', async () => {
    const { page, close } = await stage.visit(ADMIN, { colorScheme: 'dark' })
    const steps = page.getByRole('region', { name: 'First steps' })
    await steps.getByRole('link', { name: 'under System, Connections' }).waitFor()
    await steps.getByText('DEMO=on').waitFor()
    expect(await findings(page)).toEqual([])
    await steps.getByRole('link', { name: 'New event' }).click()
    await page.getByRole('heading', { name: 'New event', level: 1 }).waitFor()
    await close()
  })

  it.each([
    ['a desktop', DESKTOP, 'light'],
    ['a phone', PHONE, 'dark'],
  ] as const)(
    'is reviewed, created and followed until its platforms have confirmed, on %s',
    async (where, viewport, colorScheme) => {
      const listings = stage.system.list({ eventbrite: 70 })
      const { page, close } = await stage.visit(ADMIN, { viewport, colorScheme })
      await goTo(page, 'events/new')
      await fillEvent(page, `Event made on ${where}`)
      await addListing(page, 1, 'Eventbrite', listings.eventbrite)
      await addListing(page, 2, 'Luma', listings.luma)
      await page.getByRole('group', { name: 'Listing 2' }).getByLabel('Name').fill('Members')
      await page.getByRole('group', { name: 'Listing 2' }).getByLabel('Weight').fill('2')
      await page.getByRole('button', { name: 'Review' }).click()

      await page.getByRole('heading', { name: 'Review the new event' }).waitFor()
      await page.getByText('1 Jun 2031, 19:30').waitFor()
      await page.getByText('12.50 EUR').waitFor()
      await page.getByText(`${listings.luma} (“Members”)`).waitFor()
      await page.getByText(/whose limit is above their share are lowered first/).waitFor()
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Create the event' }).click()

      await page.getByRole('region', { name: 'Setting up the listings' }).waitFor()
      await page.getByText('✓ The event is on sale. All its listings are confirmed.').waitFor()
      expect(await page.getByText('✓ Confirmed').count()).toBe(2)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      await page.getByRole('link', { name: 'To the event' }).click()
      await page.getByRole('heading', { name: `Event made on ${where}`, level: 1 }).waitFor()
      const [, , id = ''] = new URL(page.url()).hash.split('/')
      await until(async () => {
        const { body } = await stage.system.app.call('GET', `/events/${id}`, { token: stage.system.token })
        expect(body).toMatchObject({
          startsAt: '2031-06-01T17:30:00.000Z',
          capacity: 90,
          priceCents: 1_250,
          currency: 'EUR',
          channels: [
            { platform: 'EVENTBRITE', weight: 1 },
            { platform: 'LUMA', weight: 2, label: 'Members' },
          ],
        })
        const { channels } = await stage.system.stock(id)
        const [eventbrite, luma] = channels
        // 90 without the safety stock, split 1 : 2.
        expect([eventbrite, luma]).toMatchObject([{ confirmedCap: 27 }, { confirmedCap: 54 }])
      })
      await close()
    },
    120_000,
  )

  it('keeps every field when it is refused, and shows why at the field', async () => {
    const taken = stage.system.list()
    await stage.system.createEvent(30, taken, { channels: [{ platform: 'LUMA', externalEventId: taken.luma }] })
    const { page, expectError, close } = await stage.visit(ADMIN)
    expectError(/status of (400|409)/)
    await goTo(page, 'events/new')
    await fillEvent(page, 'Refused event')
    const price = page.getByLabel('Price, EUR')
    await price.fill('1000000')
    await addListing(page, 1, 'Luma', taken.luma)
    const create = async () => {
      await page.getByRole('button', { name: 'Review' }).click()
      await page.getByRole('button', { name: 'Create the event' }).click()
      await page.getByRole('alert').getByText('Not created').waitFor()
    }
    await page.getByLabel('Time zone').fill('Europe/Nowhere')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText('Not a time zone.').waitFor()
    await page.getByLabel('Time zone').fill('Europe/Berlin')

    await create()
    await page.getByText('See the marked fields.').waitFor()
    await page.getByText('Must not be greater than 99999999').waitFor()
    expect(await price.getAttribute('aria-invalid')).toBe('true')
    const event = page.getByRole('group', { name: 'Event' })
    expect(await event.getByLabel('Name').inputValue()).toBe('Refused event')
    expect(await page.getByLabel('Id of the listing').inputValue()).toBe(taken.luma)

    await price.fill('10')
    expect(await price.getAttribute('aria-invalid')).not.toBe('true')
    await create()
    await page
      .getByRole('alert')
      .getByText(/belongs to|is sold by|another event/)
      .waitFor()
    expect(await page.getByLabel('Capacity').inputValue()).toBe('90')
    await close()
  }, 60_000)
})
