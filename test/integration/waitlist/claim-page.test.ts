import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { AUTHENTICATED_METHOD, StripeServer } from '../../support/servers/stripe.js'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

let database: TestDatabase
let service: TestApp
/** As `service`, with payments by Stripe. */
let paid: TestApp
let paidDatabase: TestDatabase
let stripe: StripeServer

beforeAll(async () => {
  database = await createTestDatabase()
  const root = (config: Parameters<typeof AppModule.of>[0]) => AppModule.of(config)
  service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), listen: true, root })
  stripe = await StripeServer.start()
  paidDatabase = await createTestDatabase()
  const servers = { databaseUrl: paidDatabase.url, redisUrl: await sharedRedis() }
  paid = await startTestApp({ ...servers, listen: true, root, env: stripe.env })
  paid.app.get(BackgroundTasks).start(PaymentWorker)
})

afterAll(async () => {
  await service?.close()
  await database?.drop()
  await paid?.close()
  await paidDatabase?.drop()
  await stripe?.stop()
})

describe('The claim page', () => {
  it.skipIf(!existsSync(BROWSER))(
    'confirms the offered tickets and shows their codes to the recipient of the mail',
    async () => {
      const token = await service.login()
      const startsAt = '2030-01-01T18:00:00Z'
      const event = await service.call<{ id: string }>('POST', '/events', {
        token,
        body: { name: 'Event', startsAt, capacity: 5 },
      })
      const body = { name: 'Ana', email: 'ana@example.com', quantity: 2 }
      const entry = await service.call<{ id: string }>('POST', `/events/${event.body.id}/waitlist`, { body })
      expect((await service.call('POST', `/waitlist/${entry.body.id}/offer`, { token })).status).toBe(201)
      const mail = await service.app.get(PrismaService).mail.findFirstOrThrow({ where: { kind: 'OFFER' } })
      const [link = ''] = /http\S+\/claim#\S+/.exec(mail.text ?? '') ?? []
      const { pathname, hash } = new URL(link)

      const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] })
      try {
        const page = await browser.newPage()
        const errors: string[] = []
        page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
        page.on('pageerror', (error) => errors.push(error.message))
        await page.goto(`${service.url}${pathname}${hash}`)
        await page.getByText('2 × Event').waitFor()
        await page.getByRole('button', { name: 'Get my tickets' }).click()
        await page.getByText('The tickets are yours.').waitFor()
        const codes = page.locator('li img')
        await expect.poll(() => codes.count()).toBe(2)
        // An image is loaded after its element is there.
        const width = () =>
          codes.first().evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)
        await expect.poll(width).toBeGreaterThan(0)
        // Only the part behind the # differs, which loads nothing.
        await page.goto('about:blank')
        await page.goto(`${service.url}${pathname}#entry=${entry.body.id}&token=wrong`)
        await page.getByText('There is no such entry.').waitFor()
        // The 404 response is the only error that the browser may log.
        expect(errors.filter((error) => !error.includes('404'))).toEqual([])
      } finally {
        await browser.close()
      }
    },
  )

  it.skipIf(!existsSync(BROWSER))('confirms the address of an entry by a click, not by being opened', async () => {
    const token = await service.login()
    const fields = { name: 'Full', startsAt: '2030-01-01T18:00:00Z', capacity: 5 }
    const event = await service.call<{ id: string }>('POST', '/events', { token, body: fields })
    const body = { name: 'Ben', email: 'ben@example.com', quantity: 2 }
    const { id } = (await service.call<{ id: string }>('POST', `/events/${event.body.id}/waitlist`, { body })).body
    const { mail, waitlistEntry } = service.app.get(PrismaService)
    const where = { kind: 'ENTRY_VERIFICATION', text: { contains: id } }
    const { pathname, hash } = new URL(
      /http\S+\/claim#\S+/.exec((await mail.findFirstOrThrow({ where })).text ?? '')?.[0] ?? '',
    )
    const isVerified = async () => (await waitlistEntry.findUniqueOrThrow({ where: { id } })).verifiedAt !== null
    const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const page = await browser.newPage()
      await page.goto(`${service.url}${pathname}${hash}`)
      await page.getByText('Please confirm that this is your e-mail address.').waitFor()
      expect(await isVerified()).toBe(false)
      await page.getByRole('button', { name: 'Yes, this is my address' }).click()
      await page.getByText('Your address is confirmed. You are number 1 on the waitlist.').waitFor()
      expect(await isVerified()).toBe(true)
    } finally {
      await browser.close()
    }
  })

  it.skipIf(!existsSync(BROWSER))(
    "takes a payment that needs an authentication, with the provider's own form and within the page's policy",
    async () => {
      const { token, entry, path } = await offer({ priceCents: 1_500, currency: 'EUR' })
      expect([token, entry]).not.toContain('')
      const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] })
      try {
        const page = await browser.newPage()
        const errors: string[] = []
        page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
        page.on('pageerror', (error) => errors.push(error.message))
        await page.route('https://js.stripe.com/**', (route) =>
          route.fulfill({ contentType: 'text/javascript', body: STRIPE_LIBRARY }),
        )
        await page.exposeFunction('bankAccepts', (secret: string) => void stripe.authenticate(secret, true))
        await page.goto(`${paid.url}${path}`)
        await page.getByText('15.00').waitFor()
        await page.getByText(`card form of ${stripe.publishableKey}`).waitFor()
        expect(await page.locator('input').count()).toBe(0)
        await page.getByRole('button', { name: 'Get my tickets' }).click()
        await page.getByText('The tickets are yours.').waitFor()
        expect(errors).toEqual([])
      } finally {
        await browser.close()
      }
    },
  )

  it("allows the provider's form on that page only, and only where it is used", async () => {
    const policyOf = async (on: TestApp, path: string) =>
      String((await on.call('GET', path)).headers['content-security-policy'])
    expect(await policyOf(paid, '//claim')).toMatch(
      /script-src [^;]*https:\/\/js\.stripe\.com.*frame-src [^;]*https:\/\/hooks\.stripe\.com/,
    )
    for (const path of ['//', '//claim/page.js', '//health/live', '/payment-form']) {
      expect(await policyOf(paid, path)).not.toContain('stripe')
    }
    expect(await policyOf(service, '//claim')).not.toContain('stripe')
  })
})

/** The part of Stripe's library that the page uses. */
const STRIPE_LIBRARY = `window.Stripe = (key) => ({
  elements: () => ({ create: () => ({ mount: (at) => { document.querySelector(at).textContent = 'card form of ' + key } }) }),
  createPaymentMethod: async () => ({ paymentMethod: { id: '${AUTHENTICATED_METHOD}' } }),
  handleNextAction: async ({ clientSecret }) => { await window.bankAccepts(clientSecret); return {} },
})`

/** An offer of one ticket by the service with Stripe: the address of its page. */
async function offer(fields: object): Promise<{ token: string; entry: string; path: string }> {
  const token = await paid.login()
  const body = { name: 'Event', startsAt: '2030-01-01T18:00:00Z', capacity: 5, ...fields }
  const event = await paid.call<{ id: string }>('POST', '/events', { token, body })
  const join = { name: 'Ana', email: 'ana@example.com', quantity: 1 }
  const entry = await paid.call<{ id: string }>('POST', `/events/${event.body.id}/waitlist`, { body: join })
  expect((await paid.call('POST', `/waitlist/${entry.body.id}/offer`, { token })).status).toBe(201)
  const mail = await paid.app.get(PrismaService).mail.findFirstOrThrow({ where: { kind: 'OFFER' } })
  const { pathname, hash } = new URL(/http\S+\/claim#\S+/.exec(mail.text ?? '')?.[0] ?? '')
  return { token, entry: entry.body.id, path: `${pathname}${hash}` }
}
