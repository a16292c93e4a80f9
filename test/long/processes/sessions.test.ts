import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { newDataDir } from '../../support/service/cli.js'
import { ADMIN } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { buildService, startServiceProcess, type ServiceProcess } from '../../support/service/service-process.js'

// Two processes start, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
const processes: ServiceProcess[] = []
let database: TestDatabase

beforeAll(async () => {
  await buildService()
  database = await createTestDatabase()
  const env = { DATABASE_URL: database.url, REDIS_URL: await sharedRedis(), DATA_DIR: dataDir }
  for (let count = 0; count < 2; count++) processes.push(await startServiceProcess({ role: 'api', env }))
})
afterAll(async () => {
  for (const child of processes) await child.kill()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

function call(index: number, method: string, path: string, token: string | null, body?: object): Promise<Response> {
  return fetch(`${processes[index]?.url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

async function login(index: number, account: { email: string; password: string }) {
  const response = await call(index, 'POST', '/auth/login', null, account)
  return (await response.json()) as { accessToken: string; user: { id: string } }
}

const statusesOf = async (index: number, token: string, count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await call(index, 'GET', '/auth/sessions', token)).status))

it('A session that ended in one process is refused by every request that another receives afterwards', async () => {
  for (let round = 0; round < 5; round++) {
    const { accessToken } = await login(0, ADMIN)
    // In use there all the time, so that reads of the session are in progress when it ends.
    let ended = false
    const earlier = (async () => {
      while (!ended) await statusesOf(1, accessToken, 20)
    })()
    expect(await statusesOf(1, accessToken, 20)).toEqual(Array.from({ length: 20 }, () => 200))
    expect((await call(0, 'POST', '/auth/logout', accessToken)).status).toBe(204)
    expect(await statusesOf(1, accessToken, 20)).toEqual(Array.from({ length: 20 }, () => 401))
    ended = true
    await earlier
  }
})

it('A customer who was deactivated in one process is refused by another at once', async () => {
  const account = { email: 'jane@example.com', password: 'a good password' }
  expect((await call(0, 'POST', '/auth/register', null, { ...account, name: 'Jane' })).status).toBe(201)
  const { accessToken: staff } = await login(0, ADMIN)
  const { accessToken, user } = await login(1, account)
  expect(await statusesOf(1, accessToken, 20)).toEqual(Array.from({ length: 20 }, () => 200))
  expect((await call(0, 'PATCH', `/customers/${user.id}`, staff, { active: false })).status).toBe(200)
  expect(await statusesOf(1, accessToken, 20)).toEqual(Array.from({ length: 20 }, () => 401))
})
