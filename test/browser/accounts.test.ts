import { Secret, TOTP } from 'otpauth'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { findBrowser, goTo, launchBrowser, openTab, signIn, visit } from '../support/browser/browser.js'
import { startTestSystem, type TestSystem } from '../support/service/test-system.js'

const OLGA = { email: 'olga@example.com', password: 'the password of Olga' }
const NEW_PASSWORD = 'another password of Olga'

let system: TestSystem
let browser: Browser

describe.skipIf(!findBrowser())('Passwords and authenticator apps on the page', () => {
  beforeAll(async () => {
    system = await startTestSystem({ env: { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'x@example.com' } })
    browser = await launchBrowser()
    const body = { ...OLGA, name: 'Olga', role: 'OPERATOR' }
    expect((await system.app.call('POST', '/operators', { token: system.token, body })).status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await system?.close()
  }, 60_000)

  it('resets a forgotten password with the link in a mail', async () => {
    const { page, close } = await openTab(browser, system.app.url)
    await page.getByRole('link', { name: 'Forgot the password?' }).click()
    await page.getByLabel('E-mail').fill(OLGA.email)
    await page.getByRole('button', { name: 'Send a link' }).click()
    await page.getByText('If there is an account with this address').waitFor()
    const prisma = system.app.app.get(PrismaService)
    const where = { kind: 'PASSWORD_RESET', recipient: OLGA.email }
    await expect.poll(() => prisma.mail.count({ where })).toBe(1)
    const link = /http\S+#(\S+)/.exec((await prisma.mail.findFirstOrThrow({ where })).text ?? '')?.[1] ?? ''
    await goTo(page, link.slice(1))
    await page.getByLabel(/^New password/).fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('The password was changed.').waitFor()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signIn(page, { ...OLGA, password: NEW_PASSWORD })
    await close()
  }, 60_000)

  it('changes the password, sets up an app and requires its code at the next login', async () => {
    const { page, close, expectError } = await visit(browser, system.app.url, { ...OLGA, password: NEW_PASSWORD })
    await goTo(page, 'account')
    const own = page.getByRole('region', { name: 'Your password' })
    await own.getByLabel(/^Present password/).fill(NEW_PASSWORD)
    await own.getByLabel(/^New password/).fill(OLGA.password)
    await own.getByRole('button', { name: 'Change' }).click()
    await own.getByText('✓ Changed.').waitFor()

    const app = page.getByRole('region', { name: 'Your authenticator app' })
    await app.getByLabel(/^Password/).fill(OLGA.password)
    await app.getByRole('button', { name: 'Set up' }).click()
    await app.getByAltText('QR code for the authenticator app').waitFor()
    const totp = new TOTP({ secret: Secret.fromBase32((await app.locator('code').innerText()).trim()) })
    await app.getByLabel(/^Code/).fill(totp.generate())
    await app.getByRole('button', { name: 'Confirm' }).click()
    await app.getByText('10 recovery codes are left.').waitFor()
    const [recovery = ''] = await app.locator('li code').allInnerTexts()

    await page.getByRole('button', { name: /sign out/i }).click()
    expectError(/status of 401/)
    await page.getByLabel('E-mail').fill(OLGA.email)
    await page.getByLabel(/^Password/).fill(OLGA.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Code').fill('000000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The code is wrong, or was used already.').waitFor()
    await page.getByLabel('Code').fill(recovery)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Users and sessions', level: 1 }).waitFor()
    await close()
  }, 60_000)
})
