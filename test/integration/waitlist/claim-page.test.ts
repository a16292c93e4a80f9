import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

let database: TestDatabase
let service: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  const root = (config: Parameters<typeof AppModule.of>[0]) => AppModule.of(config)
  service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), listen: true, root })
})

afterAll(async () => {
  await service?.close()
  await database?.drop()
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
      const [link = ''] = /http\S+\/claim\?\S+/.exec(mail.text ?? '') ?? []
      const { pathname, search } = new URL(link)

      const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] })
      try {
        const page = await browser.newPage()
        const errors: string[] = []
        page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
        page.on('pageerror', (error) => errors.push(error.message))
        await page.goto(`${service.url}${pathname}${search}`)
        await page.getByText('2 × Event').waitFor()
        await page.getByRole('button', { name: 'Get my tickets' }).click()
        await page.getByText('The tickets are yours.').waitFor()
        expect(await page.locator('li img').count()).toBe(2)
        const loaded = page
          .locator('li img')
          .first()
          .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)
        expect(await loaded).toBeGreaterThan(0)
        await page.goto(`${service.url}${pathname}?entry=${entry.body.id}&token=wrong`)
        await page.getByText('There is no such entry.').waitFor()
        // The 404 response is the only error that the browser may log.
        expect(errors.filter((error) => !error.includes('404'))).toEqual([])
      } finally {
        await browser.close()
      }
    },
  )
})
