import { FailSafeCoordinator } from '../../../src/fail-safe/fail-safe-coordinator.js'
import type { ModeDto } from '../../../src/fail-safe/mode.dto.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { startRedis, type DedicatedRedis } from '../servers/redis.js'
import { startTestSystem, until, type TestSystem, type TestSystemOptions } from './test-system.js'

/** A test system with a dedicated Redis that its instances watch; `close` stops everything. */
export async function startWatchedTestSystem(options: TestSystemOptions = {}) {
  const redis = await startRedis()
  const system = await startTestSystem({
    ...options,
    redisUrl: redis.url,
    env: { FAIL_SAFE_AFTER_MS: '1000', FAIL_SAFE_RECOVERY_MS: '700', ...options.env },
  })
  await startFailSafe(system)
  return {
    ...system,
    redis,
    mode: (index = 0) => modeOf(system, index),
    async close() {
      await system.close()
      await redis.stop()
    },
  }
}

export type WatchedTestSystem = Awaited<ReturnType<typeof startWatchedTestSystem>>

export async function startFailSafe({ apps }: Pick<TestSystem, 'apps'>): Promise<void> {
  for (const { app } of apps) await app.get(FailSafeCoordinator).start()
}

export async function modeOf(system: Pick<TestSystem, 'apps' | 'token'>, index = 0): Promise<ModeDto> {
  const response = await system.apps[index]?.call<ModeDto>('GET', '/system/mode', { token: system.token })
  if (response?.status !== 200) throw new Error(`${response?.status}: ${JSON.stringify(response?.body)}`)
  return response.body
}

/** Waits until the system is in the mode; returns how long that took, ms. */
export async function untilMode(
  system: Pick<TestSystem, 'apps' | 'token'>,
  mode: ModeDto['mode'],
  withinMs = 20_000,
): Promise<number> {
  const startedAt = performance.now()
  await until(async () => {
    const shown = await modeOf(system)
    if (shown.mode !== mode) throw new Error(`the mode is ${JSON.stringify(shown)}`)
  }, withinMs)
  return Math.round(performance.now() - startedAt)
}

export async function untilChannels(
  system: Pick<TestSystem, 'app' | 'apps' | 'token'>,
  expected: Partial<ModeDto['channels']>,
  withinMs = 20_000,
): Promise<number> {
  const startedAt = performance.now()
  await until(async () => {
    const { channels } = await modeOf(system)
    for (const [name, count] of Object.entries(expected)) {
      if (channels[name as keyof typeof channels] !== count) throw new Error(`channels: ${JSON.stringify(channels)}`)
    }
  }, withinMs).catch(async (error: unknown) => {
    const rows = await system.app.app.get(PrismaService).channel.findMany({ where: { event: { closedSince: null } } })
    throw new Error(`${String(error)}; the channels: ${JSON.stringify(rows, null, 1)}`, { cause: error })
  })
  return Math.round(performance.now() - startedAt)
}

export type { DedicatedRedis }
