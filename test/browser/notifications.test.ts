import type { ServerResponse } from 'node:http'
import type { Browser } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { NotificationDto } from '../../src/notifications/targets/targets.dto.js'
import { findings } from '../support/browser/axe.js'
import { DESKTOP, findBrowser, goTo, launchBrowser, overflow, PHONE, visit } from '../support/browser/browser.js'
import { Receiver } from '../support/servers/receiver.js'
import { ADMIN } from '../support/service/app.js'
import { startTestSystem, until, type TestSystem } from '../support/service/test-system.js'

const OLGA = { email: 'olga@example.com', password: 'the password of Olga' }

const accept = (response: ServerResponse) => void response.writeHead(204).end()

let receiver: Receiver
let system: TestSystem
let browser: Browser

describe.skipIf(!findBrowser())('Notification targets on the page', () => {
  beforeAll(async () => {
    receiver = await Receiver.start()
    system = await startTestSystem({ env: { ALLOW_PRIVATE_TARGETS: 'on' } })
    browser = await launchBrowser()
    const target = `${receiver.url}/services/T000/B000/abcdefgh1234`
    await call('POST', '/notifications', { kind: 'SLACK', target, events: [], label: 'Of the press' })
    await call('POST', '/operators', { ...OLGA, name: 'Olga', role: 'OPERATOR' })
  }, 120_000)

  afterEach(() => {
    receiver.respond = accept
  })

  afterAll(async () => {
    await browser?.close()
    await system?.close()
    await receiver?.stop()
  }, 60_000)

  async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const response = await system.app.call<T>(method, path, { token: system.token, ...(body && { body }) })
    expect(response.status, JSON.stringify(response.body)).toBe(method === 'GET' ? 200 : 201)
    return response.body
  }

  const targetCalled = async (name: string) => {
    const { items } = await call<{ items: NotificationDto[] }>('GET', '/notifications')
    return items.find(({ label }) => label === name)
  }

  it.each([
    ['a desktop', '/desktop', DESKTOP, 'light'],
    ['a phone', '/phone', PHONE, 'dark'],
  ] as const)(
    'are added, tested, changed and removed on %s',
    async (where, path, viewport, colorScheme) => {
      const name = `Webhook of ${where}`
      const tests = () => receiver.at(path).filter(({ body }) => body['type'] === 'TEST')
      const { page, context, expectError, close } = await visit(browser, system.app.url, ADMIN, {
        viewport,
        colorScheme,
      })
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
      // A refused address.
      expectError(/status of 400/)
      await goTo(page, 'system')
      await page.getByRole('tab', { name: 'Notifications' }).click()
      const table = page.getByRole('table', { name: 'Notification targets' })
      await table.getByText('/…1234').waitFor()
      expect(await page.content()).not.toContain('abcdefgh1234')

      await page.getByRole('button', { name: 'Add a target' }).click()
      const adding = page.getByRole('dialog', { name: 'Add a target' })
      const isChosen = (event: string) => adding.getByRole('checkbox', { name: event, exact: true }).isChecked()
      await adding.getByLabel('Kind').selectOption('Signed webhook')
      await adding.getByRole('textbox', { name: 'Name' }).fill(name)
      const events = ['Problems', 'Solved problems', 'Milestones', 'Daily digest']
      expect(await Promise.all(events.map(isChosen))).toEqual([true, true, true, false])
      const address = adding.getByRole('textbox', { name: 'URL' })
      await address.fill('ftp://x')
      await adding.getByRole('button', { name: 'Add', exact: true }).click()
      await adding.getByText('Must be an address that starts with https:// or http://').waitFor()
      expect(await address.getAttribute('aria-invalid')).toBe('true')
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      await address.fill(receiver.url + path)
      expect(await address.getAttribute('aria-invalid')).not.toBe('true')
      await adding.getByRole('button', { name: 'Add', exact: true }).click()
      await adding.waitFor({ state: 'detached' })

      await page.getByText('it is not shown again').waitFor()
      const secret = await page.getByLabel(`Secret of ${name}`).inputValue()
      await page.getByRole('button', { name: 'Copy', exact: true }).click()
      await page.getByRole('button', { name: '✓ Copied' }).waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret)
      const row = table.getByRole('row', { name: new RegExp(name) })
      await row.getByText('Nothing sent yet').waitFor()
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Hide' }).click()
      expect(await page.getByLabel(`Secret of ${name}`).count()).toBe(0)

      const pending: ServerResponse[] = []
      receiver.respond = (response) => void pending.push(response)
      await page.getByRole('button', { name: `Test ${name}` }).click()
      await until(() => expect(tests()).toHaveLength(1))
      await row.getByText('Sending a test message…').waitFor()
      pending.forEach(accept)
      await row.getByText('✓ Messages are accepted').waitFor()
      const sent = tests()[0]
      const headers = sent?.headers as Record<string, string>
      expect(new Webhook(secret).verify(sent?.text ?? '', headers)).toMatchObject({ type: 'TEST' })

      receiver.respond = (response) => void response.writeHead(500).end('out of order')
      await page.getByRole('button', { name: `Test ${name}` }).click()
      await row.getByText('⚠ Messages are not accepted: it responded 500: out of order').waitFor()
      await row.getByText(/^Last message accepted/).waitFor()
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      receiver.respond = accept

      await page.getByRole('button', { name: `Change ${name}` }).click()
      const changing = page.getByRole('dialog', { name: `Change ${name}` })
      await changing.getByText(`Leave it empty to keep ${receiver.url}${path}`).waitFor()
      await changing.getByRole('textbox', { name: 'Name' }).fill(`${name}, renamed`)
      await changing.getByRole('checkbox', { name: 'Milestones' }).uncheck()
      await changing.getByRole('checkbox', { name: 'Daily digest' }).check()
      await changing.getByRole('button', { name: 'Save the target' }).click()
      await changing.waitFor({ state: 'detached' })
      await row.getByText('Problems, Solved problems, Daily digest').waitFor()
      const changed = { target: receiver.url + path, events: ['ALERT', 'RESOLVED', 'DIGEST'] }
      expect(await targetCalled(`${name}, renamed`)).toMatchObject(changed)

      await page.getByRole('button', { name: `Remove ${name}, renamed` }).click()
      const removing = page.getByRole('dialog', { name: `Remove ${name}, renamed` })
      await removing.getByText(/^Nothing more is sent there: /).waitFor()
      await removing.getByRole('button', { name: 'Remove', exact: true }).click()
      await row.waitFor({ state: 'detached' })
      expect(await targetCalled(`${name}, renamed`)).toBeUndefined()
      await close()
    },
    60_000,
  )

  it('are for admins only', async () => {
    const { page, close } = await visit(browser, system.app.url, OLGA)
    await goTo(page, 'system/notifications')
    await page.getByRole('tab', { name: 'Mode', selected: true }).waitFor()
    expect(await page.getByRole('tab', { name: 'Notifications' }).count()).toBe(0)
    await close()
  }, 30_000)
})
