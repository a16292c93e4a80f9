import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const KNOWN_PATHS = [
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

export const DESKTOP = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** The path of an installed browser; null if there is none: tests that need one are skipped. */
export function findBrowser(): string | null {
  const configured = process.env['CHROMIUM']
  // A configured browser that is missing is not replaced by another one.
  return (configured === undefined ? KNOWN_PATHS : [configured]).find((path) => existsSync(path)) ?? null
}

/** `flags` are added to those of every browser. */
export function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error('no browser is installed')
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
}

export interface Tab {
  page: Page
  context: BrowserContext
  /** Unexpected errors of the page: script errors, violations of the content security policy, failed requests. */
  errors(): string[]
  /** Ignores errors that match; the test explains why. */
  expectError(pattern: RegExp): void
  /** Throws if the page reported unexpected errors. */
  close(): Promise<void>
}

export interface TabOptions {
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  /** Heading of the first page of who signs in; default: that of staff. */
  landing?: string
}

/** A page in a new browser context (own cookies and storage) at the dashboard's address. */
export async function openTab(browser: Browser, url: string, options: TabOptions = {}): Promise<Tab> {
  const { viewport = DESKTOP, colorScheme = 'light' } = options
  const context = await browser.newContext({ viewport, colorScheme, acceptDownloads: true })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const reported: string[] = []
  const expected: RegExp[] = []
  page.on('pageerror', (error) => reported.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') reported.push(message.text())
  })
  const errors = () => reported.filter((text) => !expected.some((pattern) => pattern.test(text)))
  await page.goto(url)
  return {
    page,
    context,
    errors,
    expectError: (pattern) => void expected.push(pattern),
    async close() {
      const unexpected = errors()
      await context.close()
      if (unexpected.length > 0) throw new Error(`Unexpected page errors: ${unexpected.join(' | ')}`)
    },
  }
}

/** Opens the dashboard and signs in through its form. */
export async function visit(
  browser: Browser,
  url: string,
  credentials: { email: string; password: string },
  options: TabOptions = {},
): Promise<Tab> {
  const tab = await openTab(browser, url, options)
  await signIn(tab.page, credentials, options.landing)
  return tab
}

/** Signs in at the form that the page shows. */
export async function signIn(
  page: Page,
  credentials: { email: string; password: string },
  landing = 'Overview',
): Promise<void> {
  await page.getByLabel('E-mail').fill(credentials.email)
  await page.getByLabel(/^Password/).fill(credentials.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: landing, level: 1 }).waitFor()
}

/** Navigates to a section of the dashboard, such as `system/reconciliation`. */
export async function goTo(page: Page, section: string): Promise<void> {
  await page.evaluate(`window.location.hash = ${JSON.stringify(`#/${section}`)}`)
}

/** By how many px the page is wider than the viewport. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}
