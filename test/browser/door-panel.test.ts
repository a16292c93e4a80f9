import { describe, expect, it } from 'vitest'
import { findings } from '../support/browser/axe.js'
import { findBrowser, goTo } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { ADMIN } from '../support/service/app.js'
import { until } from '../support/service/test-system.js'

const ADA = { name: 'Ada Example', email: 'ada@example.com' }

describe.skipIf(!findBrowser())('The door of an event on its page', () => {
  const stage = openStage()

  it('shows who is in, and what can be done about seats held twice', async () => {
    const { system } = stage
    const listings = system.list()
    const eventId = await system.createEvent(60, listings, { name: 'Winter reading' })
    await untilInSync(system, eventId)
    system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1, buyer: ADA })
    const { guestId } = system.luma.control.register({ eventId: listings.luma, ...ADA })
    await until(async () => expect((await system.stock(eventId)).sold).toBe(2))
    const call = (path: string, body: object) =>
      system.app.call('POST', `/events/${eventId}/${path}`, { token: system.token, body })
    const attendees = await system.app.call<{ items: { platform: string; tickets: { id: string }[] }[] }>(
      'GET',
      `/events/${eventId}/attendees?platform=EVENTBRITE`,
      { token: system.token },
    )
    await call('check-ins', { ticketId: attendees.body.items[0]?.tickets[0]?.id })
    await call('walk-ins', { quantity: 3, from: 'COUNT' })

    const { page, close } = await stage.visit(ADMIN)
    await goTo(page, `events/${eventId}`)
    await page.getByRole('tab', { name: 'Door' }).click()
    await page.getByTestId('in-the-room').getByText('4', { exact: true }).waitFor()
    const rates = page.getByRole('region', { name: 'Sold and attended' })
    await rates.getByRole('row', { name: /^Eventbrite 1 1 100/ }).waitFor()
    await rates.getByRole('row', { name: /^Luma 1 0 0/ }).waitFor()
    const twice = page.getByRole('region', { name: 'Seats held twice' })
    await twice.getByText('About 1 seat may come free').waitFor()
    expect(await findings(page)).toEqual([])

    await page.getByRole('button', { name: 'Message on Eventbrite: Ada Example' }).click()
    const message = page.getByRole('dialog').getByRole('textbox', { name: 'Message' })
    expect(await message.inputValue()).toContain('please cancel the one on Eventbrite')
    await page.getByRole('button', { name: 'Copy' }).click()
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'Close', exact: true }).click()

    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('button', { name: 'Decline on Luma: Ada Example' }).click()
    const guest = () => system.luma.control.guests(listings.luma).find(({ id }) => id === guestId)
    expect(guest()?.status).toBe('approved')
    await page.getByRole('dialog').getByRole('textbox', { name: 'Message' }).click()
    expect(await findings(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.getByRole('button', { name: 'Decline the guest' }).click()
    await twice.getByText('No person seems to hold seats').waitFor()
    expect(guest()?.status).toBe('declined')
    await close()
  }, 120_000)
})
