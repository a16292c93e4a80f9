import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const DESK = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** The program of a browser on this machine; null: none, and the tests that need one are left out. */
export function findBrowser(): string | null {
  return [process.env['CHROMIUM'], ...PLACES].find((path) => path && existsSync(path)) ?? null
}

export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error('no browser on this machine')
  return chromium.launch({ executablePath, args: FLAGS })
}

export interface Visit {
  page: Page
  /** What the page complained of: errors in scripts, refusals by the policy. */
  complaints: string[]
  close(): Promise<void>
}

/** Opens the dashboard in a browser of its own (cookies, storage) and signs in. */
export async function visit(
  browser: Browser,
  url: string,
  who: { email: string; password: string },
  viewport = DESK,
): Promise<Visit> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel(/^Password/).fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  return { page, complaints, close: () => context.close() }
}

/** Goes to a part of the dashboard, such as `system/reconciliation`. */
export async function goTo(page: Page, part: string): Promise<void> {
  await page.evaluate(`window.location.hash = ${JSON.stringify(`#/${part}`)}`)
}
