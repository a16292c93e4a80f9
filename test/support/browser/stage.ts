import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { printStateOnFailure } from '../service/system-state.js'
import { startTestSystem, type TestSystem, type TestSystemOptions } from '../service/test-system.js'
import { launchBrowser, openTab, visit, type Tab, type TabOptions } from './browser.js'
import { DOOR, openPhone } from './door.js'

/** The service and a browser for the tests of the group that calls this; the browser is started with its first tab. */
export function openStage(options: TestSystemOptions = {}) {
  let system: TestSystem
  let browser: Promise<Browser> | undefined
  const launched = () => (browser ??= launchBrowser())
  beforeAll(async () => {
    system = await startTestSystem(options)
  }, 120_000)
  afterAll(async () => {
    await (await browser)?.close()
    await system?.close()
  }, 60_000)
  printStateOnFailure(() => system)
  return {
    get system() {
      return system
    },
    /** Opens the page in a tab of its own and signs in. */
    visit: async (credentials: { email: string; password: string }, options?: TabOptions): Promise<Tab> =>
      visit(await launched(), system.app.url, credentials, options),
    /** Opens a path of the service in a tab of its own, signed out; null: an empty page. */
    open: async (path: string | null, options?: TabOptions): Promise<Tab> =>
      openTab(await launched(), path === null ? 'about:blank' : `${system.app.url}${path}`, options),
    /** A phone at the door of an event, signed in; by default as the user of `addDoorUser`. */
    phone: async (eventId: string, credentials = DOOR): Promise<Tab> =>
      openPhone(await launched(), system.app.url, eventId, credentials),
  }
}
