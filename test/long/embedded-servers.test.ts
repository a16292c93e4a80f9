import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmbeddedServers } from '../../src/infrastructure/embedded/embedded-servers.js'
import { isRunning, recordOf } from '../../src/infrastructure/embedded/process-record.js'
import type { ProcessRecord } from '../../src/infrastructure/embedded/process-record.js'
import { readRuntime } from '../../src/infrastructure/embedded/runtime-file.js'
import { temporaryDirectory } from '../support/directories.js'
import { eventually, redis, serverProcesses, sql, startOwner, untilGone } from '../support/embedded.js'
import type { Addresses } from '../support/embedded.js'

async function leaveData({ databaseUrl, redisUrl }: Addresses): Promise<void> {
  await sql(databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
  await redis(redisUrl, 'SET', 'kept', '42')
}

async function expectData({ databaseUrl, redisUrl }: Addresses): Promise<void> {
  expect(await sql(databaseUrl, 'SELECT n FROM kept')).toBe('42')
  expect(await redis(redisUrl, 'GET', 'kept')).toBe('42')
}

function guardianOf(dataDir: string): ProcessRecord {
  return (JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as { guardian: ProcessRecord }).guardian
}

describe('the embedded servers', () => {
  test('keep every acknowledged write and listen on loopback only', async () => {
    const owner = await startOwner(temporaryDirectory())
    const setting = (name: string) => sql(owner.databaseUrl, `SHOW ${name}`)
    expect(await setting('fsync')).toBe('on')
    expect(await setting('synchronous_commit')).toBe('on')
    expect(await setting('listen_addresses')).toBe('127.0.0.1')
    expect(await setting('max_connections')).toBe('200')
    expect(await setting('server_encoding')).toBe('UTF8')
    expect(await sql(owner.databaseUrl, "SELECT lower('ÄÖ')")).toBe('äö')
    for (const [name, value] of Object.entries({
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
      bind: '127.0.0.1',
      databases: '64',
    })) {
      expect(await redis(owner.redisUrl, 'CONFIG', 'GET', name)).toEqual([name, value])
    }
    const withoutPassword = owner.redisUrl.replace(/:[^:@]*@/, '')
    await expect(redis(withoutPassword, 'GET', 'x')).rejects.toThrow()
    expect(await owner.stop()).toBe(0)
  })

  test('have their data and addresses again at the next start, and keep their secrets to their owner', async () => {
    const dataDir = temporaryDirectory()
    const first = await startOwner(dataDir)
    await leaveData(first)
    for (const file of ['runtime.json', 'postgres-password', 'redis-password', 'postgres.log', 'redis.log']) {
      expect(statSync(join(dataDir, file)).mode & 0o777, file).toBe(0o600)
    }
    expect(await first.stop()).toBe(0)
    const second = await startOwner(dataDir)
    await expectData(second)
    expect(second.databaseUrl).toBe(first.databaseUrl)
    expect(second.redisUrl).toBe(first.redisUrl)
    expect(await second.stop()).toBe(0)
  })

  test('can be found while they run, and only then', async () => {
    const dataDir = temporaryDirectory()
    expect(readRuntime(dataDir)).toBeNull()
    const owner = await startOwner(dataDir)
    const { databaseUrl, redisUrl } = owner
    expect(readRuntime(dataDir)).toMatchObject({ pid: owner.process.pid, databaseUrl, redisUrl })
    await owner.stop()
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false)
  })

  test('are stopped when their owner is killed', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await leaveData(owner)
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    const guardian = guardianOf(dataDir)
    owner.process.kill('SIGKILL')
    await untilGone(guardian, postgres, redisServer)
    expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    const next = await startOwner(dataDir)
    await expectData(next)
    await next.stop()
  })

  test('can be started again while those of a killed owner are still stopping', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await leaveData(owner)
    owner.process.kill('SIGKILL')
    const next = await startOwner(dataDir)
    await expectData(next)
    await next.stop()
  })

  test('left behind by a killed guardian and owner are found by the next start', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await leaveData(owner)
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    onTestFinished(() => {
      for (const left of [postgres, redisServer].filter(isRunning)) process.kill(left.pid, 'SIGKILL')
    })
    const ownerRecord = recordOf(owner.process.pid ?? 0) as ProcessRecord
    owner.process.kill('SIGKILL')
    process.kill(guardianOf(dataDir).pid, 'SIGKILL')
    await untilGone(ownerRecord, guardianOf(dataDir))
    expect(readRuntime(dataDir)).toBeNull()
    const next = await startOwner(dataDir)
    expect([postgres, redisServer].some(isRunning)).toBe(false)
    await expectData(next)
    await next.stop()
  })

  test('get a new guardian when theirs is killed', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await leaveData(owner)
    const killed = guardianOf(dataDir)
    process.kill(killed.pid, 'SIGKILL')
    await untilGone(killed)
    await eventually(async () => expect(guardianOf(dataDir).pid).not.toBe(killed.pid))
    await eventually(() => expectData(owner))
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    expect(await owner.stop()).toBe(0)
    await untilGone(postgres, redisServer)
  })

  test('that are killed come back at the same address with their data', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await leaveData(owner)
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    process.kill(postgres.pid, 'SIGKILL')
    process.kill(redisServer.pid, 'SIGKILL')
    await untilGone(postgres, redisServer)
    await eventually(() => expectData(owner))
    expect(await owner.stop()).toBe(0)
  })

  test('serve one owner at a time', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await expect(startOwner(dataDir)).rejects.toThrow(
      `exit 1: ${dataDir} is in use by process ${owner.process.pid}. Stop that one, or give this one another DATA_DIR.`,
    )
    expect(await sql(owner.databaseUrl, 'SELECT 1')).toBe('1')
    await owner.stop()
  })

  test('of two data directories never meet', async () => {
    const [one, other] = await Promise.all([startOwner(temporaryDirectory()), startOwner(temporaryDirectory())])
    await leaveData(one)
    expect(await redis(other.redisUrl, 'GET', 'kept')).toBeNull()
    await expect(sql(other.databaseUrl, 'SELECT n FROM kept')).rejects.toThrow('does not exist')
    await Promise.all([one.stop(), other.stop()])
  })

  test('are not started where both addresses are given', async () => {
    const dataDir = join(temporaryDirectory(), 'data')
    const given = { databaseUrl: 'postgresql://db/x', redisUrl: 'redis://cache' }
    const servers = await startEmbeddedServers({ ...given, dataDir, log: () => {} })
    expect(servers).toMatchObject({ ...given, redisKind: 'external' })
    await servers.stop()
    expect(existsSync(dataDir)).toBe(false)
  })
})
