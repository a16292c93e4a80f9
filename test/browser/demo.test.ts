import { freePort } from '#embedded-services'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DESKTOP, findBrowser, goTo, launchBrowser, overflow, PHONE, visit } from '../support/browser/browser.js'
import { makeReadable } from '../support/servers/directories.js'

const ADMIN = { email: 'admin@example.com', password: 'a password of the demo' }

let service: ChildProcess
let browser: Browser
let url: string
let dataDir: string

describe.skipIf(!findBrowser())('The demo', () => {
  beforeAll(async () => {
    dataDir = makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-demo-')))
    service = await start()
    browser = await launchBrowser()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await stop()
    rmSync(dataDir, { recursive: true, force: true })
  }, 30_000)

  it('shows sales without a reload', async () => {
    const { page, close } = await visit(browser, url, ADMIN)
    await page.getByRole('link', { name: 'Winter Meetup (demo)' }).click()
    await page.getByText('Live', { exact: true }).waitFor()
    const sold = async () => Number.parseInt((await page.getByTestId('sold-of-capacity').textContent()) ?? '', 10)
    const before = await sold()
    await expect.poll(sold, { timeout: 30_000 }).toBeGreaterThan(before)
    await page.getByRole('tab', { name: 'Sales' }).click()
    await page.getByRole('table', { name: 'Orders, newest first' }).getByRole('row').nth(1).waitFor()
    await close()
  })

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])(
    'is marked on every page, on %s',
    async (_, viewport) => {
      const { page, close } = await visit(browser, url, ADMIN, { viewport })
      for (const part of ['', 'events/new', 'alerts', 'system', 'account']) {
        await goTo(page, part)
        await page.getByRole('region', { name: 'Demo', exact: true }).getByText('Nothing real is sold.').waitFor()
        expect(await overflow(page), part).toBeLessThanOrEqual(0)
      }
      await close()
    },
    60_000,
  )

  it('is removed with a button, also for the next start', async () => {
    const before = await visit(browser, url, ADMIN)
    const { page } = before
    const banner = page.getByRole('region', { name: 'Demo', exact: true })
    await banner.getByRole('button', { name: 'Remove the demo' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove the demo' })
    await dialog.getByText('Your own events are not touched.').waitFor()
    await dialog.getByLabel(/^Type/).fill('remove')
    await dialog.getByRole('button', { name: 'Remove the demo' }).click()
    await banner.getByText('The simulated platforms go when the service is started again.').waitFor()
    await page.getByRole('region', { name: 'First steps' }).waitFor()
    await before.close()

    await stop()
    service = await start()
    const after = await visit(browser, url, ADMIN)
    await after.page.getByRole('region', { name: 'First steps' }).getByText('DEMO=on').waitFor()
    expect(await after.page.getByRole('region', { name: 'Demo', exact: true }).count()).toBe(0)
    await after.close()
  }, 120_000)
})

/** The service as `npm start` starts it, ready. */
async function start(): Promise<ChildProcess> {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const started = spawn(process.execPath, ['tools/start.mjs'], {
    env: {
      ...cleanEnvironment(),
      PORT: String(port),
      DATA_DIR: dataDir,
      ADMIN_PASSWORD: ADMIN.password,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 2],
  })
  await readiness(started)
  return started
}

async function stop(): Promise<void> {
  service?.kill('SIGTERM')
  if (service?.exitCode === null) await once(service, 'exit')
}

async function readiness({ stdout }: ChildProcess): Promise<void> {
  if (!stdout) throw new Error('the service has no output')
  for await (const line of createInterface({ input: stdout })) if (line === 'ready') return
  throw new Error('the service ended before it was ready')
}

/** The machine's own settings must not lead to real platforms or servers. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env
  return { PATH, HOME, LANG }
}
