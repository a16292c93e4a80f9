import { startEmbeddedServers, isRunning, recordOf, type ProcessRecord, readRuntime } from '#embedded-services'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../../support/servers/directories.js'
import { eventually, redis, serverProcesses, sql, startOwner, untilExited } from '../../support/servers/embedded.js'
import type { Addresses } from '../../support/servers/embedded.js'

async function writeData({ databaseUrl, redisUrl }: Addresses): Promise<void> {
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

describe('The embedded servers', () => {
  test('are durable for every acknowledged write and listen on loopback only', async () => {
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

  test('keep their data and addresses across a restart, and make secrets readable for their owner only', async () => {
    const dataDir = temporaryDirectory()
    const first = await startOwner(dataDir)
    await writeData(first)
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

  test('publish their addresses only while they run', async () => {
    const dataDir = temporaryDirectory()
    expect(readRuntime(dataDir)).toBeNull()
    const owner = await startOwner(dataDir)
    const { databaseUrl, redisUrl } = owner
    expect(readRuntime(dataDir)).toMatchObject({ pid: owner.process.pid, databaseUrl, redisUrl })
    await owner.stop()
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false)
  })

  test('stop when their owner is killed', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await writeData(owner)
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    const guardian = guardianOf(dataDir)
    owner.process.kill('SIGKILL')
    await untilExited(guardian, postgres, redisServer)
    expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    const next = await startOwner(dataDir)
    await expectData(next)
    await next.stop()
  })

  test('start again while the servers of a killed owner are still stopping', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await writeData(owner)
    owner.process.kill('SIGKILL')
    const next = await startOwner(dataDir)
    await expectData(next)
    await next.stop()
  })

  test('are stopped by the next start when their owner and guardian were killed', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await writeData(owner)
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    onTestFinished(() => {
      for (const left of [postgres, redisServer].filter(isRunning)) process.kill(left.pid, 'SIGKILL')
    })
    const ownerRecord = recordOf(owner.process.pid ?? 0) as ProcessRecord
    owner.process.kill('SIGKILL')
    process.kill(guardianOf(dataDir).pid, 'SIGKILL')
    await untilExited(ownerRecord, guardianOf(dataDir))
    expect(readRuntime(dataDir)).toBeNull()
    const next = await startOwner(dataDir)
    expect([postgres, redisServer].some(isRunning)).toBe(false)
    await expectData(next)
    await next.stop()
  })

  test('get a new guardian when their guardian is killed', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await writeData(owner)
    const killed = guardianOf(dataDir)
    process.kill(killed.pid, 'SIGKILL')
    await untilExited(killed)
    await eventually(async () => expect(guardianOf(dataDir).pid).not.toBe(killed.pid))
    await eventually(() => expectData(owner))
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    expect(await owner.stop()).toBe(0)
    await untilExited(postgres, redisServer)
  })

  test('restart at the same address with their data when they are killed', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await writeData(owner)
    const { postgres, redis: redisServer } = serverProcesses(dataDir)
    process.kill(postgres.pid, 'SIGKILL')
    process.kill(redisServer.pid, 'SIGKILL')
    await untilExited(postgres, redisServer)
    await eventually(() => expectData(owner))
    expect(await owner.stop()).toBe(0)
  })

  test('refuse a second owner of the same data directory', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    await expect(startOwner(dataDir)).rejects.toThrow(
      `exit 1: ${dataDir} is in use by process ${owner.process.pid}. Stop that one, or give this one another DATA_DIR.`,
    )
    expect(await sql(owner.databaseUrl, 'SELECT 1')).toBe('1')
    await owner.stop()
  })

  test('are isolated from the servers of another data directory', async () => {
    const [one, other] = await Promise.all([startOwner(temporaryDirectory()), startOwner(temporaryDirectory())])
    await writeData(one)
    expect(await redis(other.redisUrl, 'GET', 'kept')).toBeNull()
    await expect(sql(other.databaseUrl, 'SELECT n FROM kept')).rejects.toThrow('does not exist')
    await Promise.all([one.stop(), other.stop()])
  })

  test('are not started when both addresses are configured', async () => {
    const dataDir = join(temporaryDirectory(), 'data')
    const configured = { databaseUrl: 'postgresql://db/x', redisUrl: 'redis://cache' }
    const servers = await startEmbeddedServers({ name: 'traffic-police', ...configured, dataDir, log: () => {} })
    expect(servers).toMatchObject({ ...configured, redisKind: 'external' })
    await servers.stop()
    expect(existsSync(dataDir)).toBe(false)
  })
})
