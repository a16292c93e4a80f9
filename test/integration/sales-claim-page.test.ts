import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { AppModule } from '../../src/app.module.js'
import { startTestApp, type TestApp } from '../support/app.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'

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

it.skipIf(!existsSync(BROWSER))(
  'somebody on the waitlist takes their tickets on the page that the mail names',
  async () => {
    const token = await service.login()
    const startsAt = '2030-01-01T18:00:00Z'
    const made = await service.call<{ id: string }>('POST', '/events', {
      token,
      body: { name: 'Evening', startsAt, capacity: 5 },
    })
    const body = { name: 'Ana', email: 'ana@example.com', quantity: 2 }
    const entry = await service.call<{ id: string }>('POST', `/events/${made.body.id}/waitlist`, { body })
    expect((await service.call('POST', `/waitlist/${entry.body.id}/offer`, { token })).status).toBe(201)
    const mail = await service.app.get(PrismaService).mail.findFirstOrThrow({ where: { kind: 'OFFER' } })
    const [link = ''] = /http\S+\/claim\?\S+/.exec(mail.text ?? '') ?? []
    const { pathname, search } = new URL(link)

    const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(`${service.url}${pathname}${search}`)
      await page.getByText('2 × Evening').waitFor()
      await page.getByRole('button', { name: 'Take them' }).click()
      await page.getByText('They are yours.').waitFor()
      expect(await page.locator('li img').count()).toBe(2)
      const loaded = page
        .locator('li img')
        .first()
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)
      expect(await loaded).toBeGreaterThan(0)
      await page.goto(`${service.url}${pathname}?entry=${entry.body.id}&token=wrong`)
      await page.getByText('There is no such entry.').waitFor()
      // The refusal itself is all that the browser may complain of.
      expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
