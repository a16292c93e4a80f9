import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

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
  const named = process.env['CHROMIUM']
  // A browser that is named and missing is no reason to take another one.
  return (named === undefined ? PLACES : [named]).find((path) => existsSync(path)) ?? null
}

export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error('no browser on this machine')
  return chromium.launch({ executablePath, args: FLAGS })
}

export interface Tab {
  page: Page
  context: BrowserContext
  /** What the page complained of and no test expects: errors in scripts, refusals by the policy, failed requests. */
  complaints(): string[]
  /** Says that the test provokes complaints like this one, and why they are none is in the test. */
  expectComplaint(pattern: RegExp): void
  /** Throws when the page has complained of anything unexpected. */
  close(): Promise<void>
}

export interface TabOptions {
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
}

/** A page in a browser of its own (cookies, storage), at the dashboard's address. */
export async function openTab(browser: Browser, url: string, options: TabOptions = {}): Promise<Tab> {
  const { viewport = DESK, colorScheme = 'light' } = options
  const context = await browser.newContext({ viewport, colorScheme, acceptDownloads: true })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const heard: string[] = []
  const expected: RegExp[] = []
  page.on('pageerror', (error) => heard.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') heard.push(message.text())
  })
  const complaints = () => heard.filter((text) => !expected.some((pattern) => pattern.test(text)))
  await page.goto(url)
  return {
    page,
    context,
    complaints,
    expectComplaint: (pattern) => void expected.push(pattern),
    async close() {
      const unexpected = complaints()
      await context.close()
      if (unexpected.length > 0) throw new Error(`The page complained: ${unexpected.join(' | ')}`)
    },
  }
}

/** Opens the dashboard as somebody who has signed in through its form. */
export async function visit(
  browser: Browser,
  url: string,
  who: { email: string; password: string },
  options: TabOptions = {},
): Promise<Tab> {
  const tab = await openTab(browser, url, options)
  await signIn(tab.page, who)
  return tab
}

/** Signs in at the form that the page shows. */
export async function signIn(page: Page, who: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel(/^Password/).fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
}

/** Goes to a part of the dashboard, such as `system/reconciliation`. */
export async function goTo(page: Page, part: string): Promise<void> {
  await page.evaluate(`window.location.hash = ${JSON.stringify(`#/${part}`)}`)
}

/** By how many px the page is wider than the screen. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}
