import { expect, it } from 'vitest'
import { VirtualTime } from '../infrastructure/time/virtual-time.js'
import type { CallContext, Outcome, AccessReport, PlatformAdapter } from '../platforms/port.js'
import type { PlatformConnection } from '../platforms/platforms.js'
import { checkConnection, type CheckResult } from './connection-check.js'

const THROTTLED: Outcome<AccessReport> = { kind: 'THROTTLED', resumeAt: new Date('2027-01-01T00:00:00Z') }

/** A connection whose platform gives this outcome, and the lanes of its checks. */
function connectionWith(outcome: Outcome<AccessReport>) {
  const lanes: CallContext['lane'][] = []
  const checkAccess = async (_url: string | null, { lane }: CallContext) => {
    lanes.push(lane)
    return outcome
  }
  const adapter = { platform: 'LUMA', configured: true, checkAccess } as unknown as PlatformAdapter
  return { connection: { adapter, fromEnvironment: false } as PlatformConnection, lanes }
}

async function check(outcome: Outcome<AccessReport>, lane?: 'grow') {
  const time = new VirtualTime()
  const { connection, lanes } = connectionWith(outcome)
  const options = { clock: time, timers: time, ...(lane && { lane }) }
  const result = await time.until<CheckResult | null>(checkConnection(connection, null, options), 60_000)
  return { result, lanes: new Set(lanes) }
}

it('has the budget of protection for a person who waits, and then shows that there is none', async () => {
  const { result, lanes } = await check(THROTTLED)
  expect(result).toMatchObject({ state: 'UNREACHABLE', detail: expect.stringContaining('rate limit') })
  expect(lanes).toEqual(new Set(['protect']))
})

it('is left as it is without budget where no person waits', async () => {
  const { result, lanes } = await check(THROTTLED, 'grow')
  expect(result).toBeNull()
  expect(lanes).toEqual(new Set(['grow']))
  expect((await check({ kind: 'OK', value: {} as AccessReport }, 'grow')).result).toMatchObject({ state: 'READY' })
})
