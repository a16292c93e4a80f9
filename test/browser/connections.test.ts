import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { ConnectionDto } from '../../src/connection-commands/connections.dto.js'
import { findings } from '../support/browser/axe.js'
import { DESKTOP, findBrowser, goTo, overflow, PHONE } from '../support/browser/browser.js'
import { openStage } from '../support/browser/stage.js'
import { ADMIN } from '../support/service/app.js'
import { EVENTBRITE_TOKEN, LUMA_KEY, until } from '../support/service/test-system.js'

const VIEWER = { email: 'vera@example.com', password: 'the password of Vera' }

describe.skipIf(!findBrowser())('The connections', () => {
  const stage = openStage()

  const connections = async () => {
    const { body } = await stage.system.app.call<{ items: ConnectionDto[] }>('GET', '/connections', {
      token: stage.system.token,
    })
    return body.items
  }

  async function openForm(page: Page, platform: string, name: string) {
    await page.getByRole('button', { name: 'Connect an account' }).click()
    const form = page.getByRole('dialog', { name: 'Connect an account' })
    await form.getByLabel('Platform').selectOption(platform)
    await form.getByRole('textbox', { name: 'Name' }).fill(name)
    return form
  }

  it.each([
    ['a desktop', DESKTOP, 'light'],
    ['a phone', PHONE, 'dark'],
  ] as const)(
    'are added, checked, changed and removed on %s',
    async (where, viewport, colorScheme) => {
      const name = `Second of ${where}`
      const { page, expectError, close } = await stage.visit(ADMIN, {
        viewport,
        colorScheme,
      })
      expectError(/status of 400/)
      await goTo(page, 'system')
      await page.getByRole('tab', { name: 'Connections' }).click()
      const table = page.getByRole('table', { name: 'Connections' })
      await table.getByText('Ana Example').first().waitFor()
      await table.getByText('Set by environment variables').first().waitFor()
      const environment = table.getByRole('row', { name: /Environment.*Eventbrite/ })
      expect(await environment.getByRole('button').count()).toBe(0)

      const adding = await openForm(page, 'EVENTBRITE', name)
      const token = adding.getByLabel(/^Private token/)
      expect([await token.getAttribute('type'), await token.getAttribute('autocomplete')]).toEqual(['password', 'off'])
      expect(await findings(page)).toEqual([])
      await token.fill('a-refused-token')
      await adding.getByRole('button', { name: 'Connect' }).click()
      await adding.getByText(/^Eventbrite refuses them: /).waitFor()
      expect(await token.getAttribute('aria-invalid')).toBe('true')
      await token.fill(EVENTBRITE_TOKEN)
      expect(await token.getAttribute('aria-invalid')).not.toBe('true')
      await adding.getByRole('button', { name: 'Connect' }).click()
      await adding.waitFor({ state: 'detached' })
      const row = table.getByRole('row', { name: new RegExp(name) })
      await row.getByText('✓ Ready').waitFor()
      await row.getByText('at once, by webhook').waitFor()
      const { id = '', checkedAt = '' } = (await connections()).find(({ label }) => label === name) ?? {}
      expect(await page.content()).not.toContain(EVENTBRITE_TOKEN)

      await page.getByRole('button', { name: `Check ${name}` }).click()
      await until(async () => expect((await connections()).find((one) => one.id === id)?.checkedAt).not.toBe(checkedAt))

      await page.getByRole('button', { name: `Change ${name}` }).click()
      const changing = page.getByRole('dialog', { name: `Change ${name}` })
      await changing.getByRole('textbox', { name: 'Name' }).fill(`${name}, renamed`)
      await changing.getByLabel('Replace the credentials').check()
      expect(await changing.getByLabel(/^Private token/).inputValue()).toBe('')
      await changing.getByLabel(/^Private token/).fill('another-refused-token')
      await changing.getByRole('button', { name: 'Save the connection' }).click()
      await changing.getByText(/^Eventbrite refuses them: /).waitFor()
      await changing.getByLabel(/^Private token/).fill(EVENTBRITE_TOKEN)
      await changing.getByRole('button', { name: 'Save the connection' }).click()
      await changing.waitFor({ state: 'detached' })
      await table.getByText(`${name}, renamed`).waitFor()
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])

      const channel = { platform: 'EVENTBRITE', connectionId: id, externalEventId: stage.system.list().eventbrite }
      const eventId = await stage.system.createEvent(20, stage.system.list(), {
        name: `Event on ${where}`,
        channels: [channel],
      })
      await page.getByRole('button', { name: `Remove ${name}` }).click()
      const removing = page.getByRole('dialog', { name: `Remove ${name}` })
      await removing.getByText(`Event on ${where}: Eventbrite`).waitFor()
      expect(await removing.getByRole('button', { name: 'Remove', exact: true }).count()).toBe(0)
      const { status } = await stage.system.app.call('POST', `/events/${eventId}/close`, { token: stage.system.token })
      expect(status).toBe(200)
      await removing.getByRole('button', { name: 'Cancel' }).click()
      await close()
    },
    90_000,
  )

  it('that nothing uses are removed', async () => {
    const { page, close } = await stage.visit(ADMIN)
    await goTo(page, 'system/connections')
    const adding = await openForm(page, 'LUMA', 'Short-lived')
    await adding.getByLabel(/^Calendar key/).fill(LUMA_KEY)
    await adding.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('button', { name: 'Remove Short-lived' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('table').getByText('Short-lived').waitFor({ state: 'detached' })
    expect((await connections()).some(({ label }) => label === 'Short-lived')).toBe(false)
    await close()
  }, 60_000)

  it('take a client of Meetup, and show at the field what is refused', async () => {
    const { page, expectError, close } = await stage.visit(ADMIN)
    expectError(/status of 400/)
    await goTo(page, 'system/connections')
    const adding = await openForm(page, 'MEETUP', 'Our groups')
    for (const [label, value] of [
      ['Client key', 'client'],
      ['Member id', '70000099'],
      ['Signing key id', 'with a space'],
      ['Private key', 'no key at all'],
    ] as const) {
      await adding.getByLabel(new RegExp(`^${label}`)).fill(value)
    }
    expect(await adding.getByLabel(/^Private key/).getAttribute('autocomplete')).toBe('off')
    await adding.getByRole('button', { name: 'Connect' }).click()
    await adding.getByText('Has characters that no credential has').waitFor()
    expect(await adding.getByLabel(/^Signing key id/).getAttribute('aria-invalid')).toBe('true')
    await adding.getByLabel(/^Signing key id/).fill('k')
    await adding.getByRole('button', { name: 'Connect' }).click()
    await adding.getByText(/^Cannot be used: /).waitFor()
    await adding.getByLabel('Credentials').selectOption('Access token')
    await adding.getByLabel(/^Access token/).waitFor()
    expect(await adding.getByLabel(/^Private key/).count()).toBe(0)
    await close()
  }, 60_000)

  it('are seen, and not changed, by viewers', async () => {
    const body = { ...VIEWER, name: 'Vera Viewer', role: 'VIEWER' }
    expect((await stage.system.app.call('POST', '/operators', { token: stage.system.token, body })).status).toBe(201)
    const { page, close } = await stage.visit(VIEWER)
    await goTo(page, 'system/connections')
    await page.getByRole('table', { name: 'Connections' }).getByText('Ana Example').first().waitFor()
    await page.getByText('Admins connect, change and remove them.').waitFor()
    expect(await page.getByRole('button', { name: /Connect an account|^Check|^Change|^Remove/ }).count()).toBe(0)
    await close()
  }, 60_000)
})
