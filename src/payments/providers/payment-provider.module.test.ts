import { Logger } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { describe, expect, it, vi } from 'vitest'
import { ConfigModule } from '../../infrastructure/config/config.module.js'
import { loadConfig } from '../../infrastructure/config/load-config.js'
import { PaymentProviderModule } from './payment-provider.module.js'

/** What is logged while the service starts with this environment. */
async function warningsWith(env: Record<string, string>): Promise<unknown[]> {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined)
  const imports = [ConfigModule.of(loadConfig(env)), PaymentProviderModule]
  await (await Test.createTestingModule({ imports }).compile()).close()
  const messages = warn.mock.calls.map(([message]) => message as unknown)
  warn.mockRestore()
  return messages
}

describe('The start with Stripe', () => {
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef' }

  it('warns that returned money is not seen without a webhook secret', async () => {
    expect(await warningsWith(stripe)).toEqual([expect.stringMatching(/^STRIPE_WEBHOOK_SECRET is not set/)])
    expect(await warningsWith({ ...stripe, PAYMENTS: 'none' })).toHaveLength(1)
  })

  it('warns of nothing with one, or without Stripe', async () => {
    expect(await warningsWith({ ...stripe, STRIPE_WEBHOOK_SECRET: 'whsec_0a9b8c7d6e5f4a3b2c1d' })).toEqual([])
    expect(await warningsWith({ PAYMENTS: 'simulated' })).toEqual([])
  })
})
