import { describe, expect, it } from 'vitest'
import { loadConfig } from './load-config.js'
import { configWarnings } from './warnings.js'

const MAIL = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'Tickets <tickets@example.com>' }

describe('configWarnings', () => {
  it.each([
    ['http://localhost:3000', { PUBLIC_URL: 'http://localhost:3000' }],
    ['http://127.0.0.1:3000', {}],
    ['http://[::1]:3000', { HOST: '::1' }],
    ['http://0.0.0.0:3000', { HOST: '0.0.0.0' }],
  ])('show that links in mails lead to %s', (url, address) => {
    expect(configWarnings(loadConfig({ ...MAIL, ...address }))).toEqual([
      `PUBLIC_URL: links in mails lead to ${url}, which no other machine can open`,
    ])
    expect(configWarnings(loadConfig(address))).toEqual([])
  })

  it('name weak secrets, and nothing where all is well', () => {
    const [warning, ...others] = configWarnings(loadConfig({ AUTH_SECRET: 'changeme-changeme' }))
    expect(warning).toMatch(/^AUTH_SECRET: easy to guess/)
    expect(others).toEqual([])
    expect(configWarnings(loadConfig({ ...MAIL, PUBLIC_URL: 'https://tickets.example.com' }))).toEqual([])
    expect(configWarnings(loadConfig({ ...MAIL, PUBLIC_URL: 'http://192.168.1.20:3000' }))).toEqual([])
  })
})
