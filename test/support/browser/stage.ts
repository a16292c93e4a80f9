import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { startTestSystem, type TestSystem, type TestSystemOptions } from '../service/test-system.js'
import { launchBrowser, visit, type TabOptions } from './browser.js'

/** The service and a browser for the tests of the group that calls this. */
export function openStage(options: TestSystemOptions = {}) {
  let system: TestSystem
  let browser: Browser
  beforeAll(async () => {
    system = await startTestSystem(options)
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)
  return {
    get system() {
      return system
    },
    /** Opens the page in a tab of its own and signs in. */
    visit: (credentials: { email: string; password: string }, options?: TabOptions) =>
      visit(browser, system.app.url, credentials, options),
  }
}
