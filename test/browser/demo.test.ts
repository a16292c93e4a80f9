import { freePort } from '#embedded-services'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBrowser, launchBrowser, visit } from '../support/browser/browser.js'
import { makeReadable } from '../support/servers/directories.js'

const ADMIN = { email: 'admin@example.com', password: 'a password of the demo' }

let service: ChildProcess
let browser: Browser
let url: string
let dataDir: string

describe.skipIf(!findBrowser())('The demo', () => {
  beforeAll(async () => {
    dataDir = makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-demo-')))
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    service = spawn(process.execPath, ['tools/start.mjs'], {
      env: {
        ...cleanEnvironment(),
        PORT: String(port),
        DATA_DIR: dataDir,
        ADMIN_PASSWORD: ADMIN.password,
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'pipe', 2],
    })
    await readiness(service)
    browser = await launchBrowser()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    service?.kill('SIGTERM')
    if (service?.exitCode === null) await once(service, 'exit')
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
})

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
