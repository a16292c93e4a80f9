import { describe, expect, it, vi } from 'vitest'
import type { Config } from '../../infrastructure/config/config.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import { Platforms, type PlatformConnection } from '../../platforms/platforms.js'
import type { PlatformAdapter } from '../../platforms/port.js'
import type { ChannelStore } from '../channel-store.js'
import type { ChannelJobs } from './channel-jobs.js'
import { ReplacedCredentials } from './replaced-credentials.js'
import type { SyncFailures } from './sync-failures.js'

const connection = (): PlatformConnection => ({
  id: 'con_1',
  platform: 'EVENTBRITE',
  label: 'Second',
  fromEnvironment: false,
  adapter: {} as PlatformAdapter,
  webhookPath: null,
  webhookToken: null,
})

function listen() {
  const log: string[] = []
  const due: (() => void)[] = []
  const platforms = new Platforms([connection()])
  const replaced = new ReplacedCredentials(
    platforms,
    { matching: async () => [{ id: 'chn_1' }] } as unknown as ChannelStore,
    { forget: (id: string) => log.push(`forget ${id}`) } as unknown as SyncFailures,
    { enqueue: async (id: string) => void log.push(`sync ${id}`) } as unknown as ChannelJobs,
    { role: 'worker' } as Config,
    { now: () => new Date(0) } as Clock,
    { after: (_ms: number, work: () => void) => void due.push(work) } as unknown as Timers,
  )
  replaced.onModuleInit()
  return { platforms, log, runTimers: () => due.forEach((work) => work()) }
}

describe('Replaced credentials', () => {
  it('block no job of another process from then on, and are used once every process knows them', async () => {
    const { platforms, log, runTimers } = listen()
    platforms.set(connection())
    await vi.waitFor(() => expect(log).toEqual(['forget chn_1']))
    runTimers()
    await vi.waitFor(() => expect(log.at(-1)).toBe('sync chn_1'))
  })

  it('are not those of a connection that has got another label only', async () => {
    const { platforms, log, runTimers } = listen()
    platforms.set({ ...platforms.connection('con_1'), label: 'Third' })
    runTimers()
    await Promise.resolve()
    expect(log).toEqual([])
  })
})
