import { Logger } from '@nestjs/common'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RedisHealth } from '../../infrastructure/redis/redis-health.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { EventStore } from '../../stock/event-store.js'
import type { Rebuilder } from '../../stock/gate/rebuild.js'
import type { ModeStore } from '../../system-mode/mode-store.js'
import type { RedisWatch } from '../../system-mode/redis-watch.js'
import { GateRebuildStep } from './gate-rebuild-step.js'

afterEach(() => vi.restoreAllMocks())

/** The rebuild of `evt_slow` takes a minute, that of `evt_broken` fails, others take no time. */
function stepWith(eventIds: readonly string[]) {
  const time = new VirtualTime()
  const rebuilt: string[] = []
  const recorded: number[] = []
  const rebuild = async (eventId: string) => {
    if (eventId === 'evt_slow') await time.sleep(60_000)
    if (eventId === 'evt_broken') throw new Error('it does not add up')
    rebuilt.push(eventId)
  }
  const step = new GateRebuildStep(
    { idsBySoonestStart: async () => eventIds } as unknown as EventStore,
    { rebuild } as unknown as Rebuilder,
    { observation: null } as unknown as RedisWatch,
    { observe: async () => ({ identity: 'redis 1' }), writeCanary: async () => {} } as unknown as RedisHealth,
    { read: async () => ({}), recordRebuild: async () => recorded.push(time.monotonicMs()) } as unknown as ModeStore,
    time,
    time,
  )
  return { time, step, rebuilt, recorded }
}

describe('The rebuild of all gates', () => {
  it('completes after 3 s without an event that is slow, or at once without one that fails', async () => {
    const failed = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined)
    const others = ['evt_1', 'evt_2', 'evt_3', 'evt_4', 'evt_5']
    const { time, step, rebuilt, recorded } = stepWith(['evt_slow', 'evt_broken', ...others])
    await time.until(step.rebuildAll('recovery'), 10_000)
    expect(rebuilt).toEqual(others)
    expect(recorded).toEqual([3_000])
    expect(failed.mock.calls.map(([detail]) => (detail as { eventId: string }).eventId)).toEqual([
      'evt_broken',
      'evt_slow',
    ])
    const broken = stepWith(['evt_broken', ...others])
    await broken.time.until(broken.step.rebuildAll('recovery'), 10_000)
    expect([broken.rebuilt, broken.recorded]).toEqual([others, [0]])
  })

  it('of more slow events than run at once rebuilds the others after them', async () => {
    vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined)
    const { time, step, rebuilt, recorded } = stepWith([...Array.from({ length: 4 }, () => 'evt_slow'), 'evt_1'])
    await time.until(step.rebuildAll('recovery'), 10_000)
    expect([rebuilt, recorded]).toEqual([['evt_1'], [3_000]])
  })
})
