import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbeddedServers } from '#embedded-services'
import { applyMigrations } from '../../src/infrastructure/prisma/migrate.js'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

/** PostgreSQL and Redis as they are shipped (synced to disk before they response), migrated, for one benchmark. */
export async function benchServers() {
  const dataDir = mkdtempSync(join(tmpdir(), 'traffic-police-bench-'))
  const servers = await startEmbeddedServers({
    name: 'traffic-police',
    dataDir,
    databaseUrl: null,
    redisUrl: null,
    log: () => undefined,
  })
  await applyMigrations(servers.databaseUrl, MIGRATIONS, () => undefined)
  return {
    ...servers,
    async stop() {
      await servers.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export function hardware(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GiB, Node ${process.version}`
}

export interface Figure {
  perSecond: number
  /** ms */
  p50: number
  p95: number
  p99: number
}

export function figureOf(latencies: readonly number[], seconds: number): Figure {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { perSecond: latencies.length / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/**
 * Keeps `parallel` calls of `work` under way until `count` are done; every one must succeed. Not p-limit, which would queue
 * all of them within the time that is measured.
 */
export async function drive(count: number, parallel: number, work: (index: number) => Promise<void>): Promise<Figure> {
  const latencies: number[] = []
  let next = 0
  const started = performance.now()
  const lane = async () => {
    while (next < count) {
      const startedAt = performance.now()
      await work(next++)
      latencies.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return figureOf(latencies, (performance.now() - started) / 1_000)
}

export function line(name: string, { perSecond, p50, p95, p99 }: Figure, ratio: number): string {
  const ms = (value: number) => `${value.toFixed(2).padStart(7)} ms`
  return `${name.padEnd(44)} ${Math.round(perSecond).toString().padStart(7)}/s  p50 ${ms(p50)}  p95 ${ms(p95)}  p99 ${ms(p99)}  ratio ${ratio.toFixed(2)}`
}
