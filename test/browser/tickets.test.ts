import { describe, expect, it } from 'vitest'
import { findings } from '../support/browser/axe.js'
import { findBrowser, goTo, overflow, PHONE } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { ADMIN } from '../support/service/app.js'

const CUSTOMER = { email: 'jane@example.com', password: 'a good password' }

describe.skipIf(!findBrowser())('Tickets on a phone', () => {
  const stage = openStage()

  /** An order of two tickets by a customer; returns the id of the event. */
  async function buy(): Promise<string> {
    const { system } = stage
    const eventId = await system.createEvent(60, system.list(), { name: 'Winter reading', directWeight: 1 })
    await system.app.call('POST', '/auth/register', { body: { ...CUSTOMER, name: 'Jane' } })
    const token = await system.app.login(CUSTOMER)
    const call = (path: string, body: object) => system.app.call<{ id: string }>('POST', path, { token, body })
    const hold = await call(`/events/${eventId}/holds`, { quantity: 2 })
    expect(hold.status, JSON.stringify(hold.body)).toBe(201)
    const buyer = { name: 'Jane', email: CUSTOMER.email }
    expect((await call(`/holds/${hold.body.id}/confirm`, { buyer })).status).toBe(200)
    return eventId
  }

  it('are shown, sent again and transferred by a customer, and then by staff', async () => {
    const eventId = await buy()
    const own = await stage.visit(CUSTOMER, { viewport: PHONE, landing: 'Your account' })
    const panel = own.page.getByRole('region', { name: 'Your tickets, newest first' })
    await expect.poll(() => panel.getByRole('link', { name: 'Show the QR code' }).count()).toBe(2)
    expect(await findings(own.page)).toEqual([])
    expect(await overflow(own.page)).toBeLessThanOrEqual(0)
    await panel
      .getByRole('button', { name: /Send again/ })
      .first()
      .click()
    await panel.getByText('The mail is on its way.').waitFor()
    await panel
      .getByRole('button', { name: /Transfer the ticket/ })
      .first()
      .click()
    const dialog = own.page.getByRole('dialog', { name: /Transfer the ticket for Winter reading/ })
    await dialog.getByLabel('Name').fill('Bo Holder')
    await dialog.getByLabel('E-mail').fill('bo@example.com')
    expect(await findings(own.page)).toEqual([])
    await dialog.getByRole('button', { name: 'Transfer the ticket' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await panel.getByText('transferred', { exact: true }).waitFor()
    await expect.poll(() => panel.getByRole('link', { name: 'Show the QR code' }).count()).toBe(1)
    await own.close()

    const staff = await stage.visit(ADMIN, { viewport: PHONE })
    await goTo(staff.page, `events/${eventId}/sales`)
    await staff.page.getByRole('button', { name: 'Send again: the tickets of Jane' }).click()
    await staff.page.getByText('The mail is on its way.').waitFor()
    await staff.page.getByRole('button', { name: 'Transfer a ticket of Jane' }).click()
    const form = staff.page.getByRole('dialog', { name: 'Transfer a ticket of Jane' })
    const jane = await form.getByRole('option', { name: /^Jane/ }).getAttribute('value')
    await form.getByLabel('Ticket', { exact: true }).selectOption(jane)
    await form.getByLabel('Name').fill('Ann')
    await form.getByLabel('E-mail').fill('ann@example.com')
    await form.getByLabel('Reason').fill('Wrote a mail')
    expect(await findings(staff.page)).toEqual([])
    expect(await overflow(staff.page)).toBeLessThanOrEqual(0)
    await form.getByRole('button', { name: 'Transfer the ticket' }).click()
    await form.waitFor({ state: 'hidden' })
    const token = await stage.system.app.login()
    const { body } = await stage.system.app.call<{ items: { name: string }[] }>('GET', `/events/${eventId}/attendees`, {
      token,
    })
    expect(body.items.map(({ name }) => name)).toEqual(['Ann', 'Bo Holder'])
    await staff.close()
  }, 120_000)
})
