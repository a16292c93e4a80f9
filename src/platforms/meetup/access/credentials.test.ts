import { generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import {
  BULK,
  GROW,
  LISTING,
  PROTECT,
  startEvent,
  valueOf,
  type Harness,
  type HarnessOptions,
} from '../harness.test-support.js'

let harness: Harness

/** An event of this capacity with this number of RSVPs. */
async function start(capacity: number | null, rsvps = 0, options: HarnessOptions = {}): Promise<Harness> {
  harness = await startEvent(capacity, rsvps, options)
  return harness
}

afterEach(() => harness.close())

describe('MeetupAdapter credentials', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const client = {
    clientKey: 'client_example',
    memberId: '70000099',
    signingKeys: [{ id: 'key_example', publicKey }],
  }
  const withKeys = (options: HarnessOptions = {}): HarnessOptions => ({
    credentials: { clients: [client] },
    privateKey,
    ...options,
  })
  const tokenCalls = () => harness.control.trace.query().calls.filter(({ operation }) => operation === 'token').length

  it('returns AUTH_FAILED without credentials and with wrong ones', async () => {
    const { adapterWith } = await start(10)
    const none = adapterWith({ credentials: null })
    expect(none.configured).toBe(false)
    expect((await none.readChannel(LISTING, BULK)).kind).toBe('AUTH_FAILED')
    expect((await none.writeCap(LISTING, 3, PROTECT)).kind).toBe('AUTH_FAILED')
    const wrong = await adapterWith({ credentials: { accessToken: 'wrong' } }).readChannel(LISTING, BULK)
    expect(wrong).toMatchObject({ kind: 'AUTH_FAILED', message: expect.stringContaining('Pro') as unknown })
  })

  it('requests one token for concurrent calls and renews it at 80 % of its lifetime', async () => {
    const { adapter, pass } = await start(10, 0, withKeys())
    const calls = await Promise.all(Array.from({ length: 10 }, () => adapter.readChannel(LISTING, BULK)))
    expect(calls.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => 'OK'))
    expect(tokenCalls()).toBe(1)
    pass(2_870_000)
    valueOf(await adapter.readChannel(LISTING, BULK))
    expect(tokenCalls()).toBe(1)
    pass(20_000)
    valueOf(await adapter.readChannel(LISTING, BULK))
    expect(tokenCalls()).toBe(2)
  })

  it('renews the token once after a 401, and returns AUTH_FAILED after a second 401', async () => {
    const { adapter, control } = await start(10, 0, withKeys())
    valueOf(await adapter.readChannel(LISTING, BULK))
    control.expireTokens()
    expect(valueOf(await adapter.writeCap(LISTING, 4, GROW)).cap).toBe(4)
    expect(tokenCalls()).toBe(2)
    control.toggles.patch({ tokenExpiry: 1 })
    expect((await adapter.readChannel(LISTING, BULK)).kind).toBe('AUTH_FAILED')
    expect(tokenCalls()).toBe(3)
  })

  it('returns NOT_SENT for a write if no token can be obtained', async () => {
    const { adapter, control } = await start(10, 0, withKeys())
    control.knobs.patch({ serverErrorRate: 1 })
    expect((await adapter.writeCap(LISTING, 4, PROTECT)).kind).toBe('NOT_SENT')
    control.knobs.patch({ serverErrorRate: 0 })
    control.setProActive(false)
    expect(await adapter.writeCap(LISTING, 4, PROTECT)).toMatchObject({
      kind: 'AUTH_FAILED',
      message: expect.stringContaining('unauthorized_client') as unknown,
    })
  })

  it.each(['yes', 'no'] as const)('uses the refresh token after the key is refused (rotation: %s)', async (rotates) => {
    const other = { ...client, signingKeys: [] }
    const { adapter, tokenStore, simulator, pass } = await start(10, 0, {
      ...withKeys({ toggles: { rotateRefreshToken: rotates } }),
    })
    valueOf(await adapter.readChannel(LISTING, BULK))
    const first = (await tokenStore.load())?.refreshToken
    simulator.control.replaceClient(other)
    pass(3_700_000)
    valueOf(await adapter.readChannel(LISTING, BULK))
    const second = (await tokenStore.load())?.refreshToken
    expect(second === first).toBe(rotates === 'no')
    pass(3_700_000)
    valueOf(await adapter.readChannel(LISTING, BULK))
  })

  it('throws for an invalid private key or webhook secret', async () => {
    const { adapterWith, simulator } = await start(10)
    const bad = { ...client, signingKeyId: 'key_example', privateKey: 'no key', tokenUrl: simulator.tokenUrl }
    expect(() => adapterWith({ credentials: bad })).toThrow(/PEM/)
    expect(() => adapterWith({ webhookSecret: 'whsec_c2hvcnQ=' })).toThrow(/24 bytes/)
  })
})
