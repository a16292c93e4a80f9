import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

const FILE = 'web/src/api/schema.d.ts'
const HEAD = '// Made from /docs-json by `npm run api:types`. Do not edit.\n'

let database: TestDatabase
let service: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  const redisUrl = await sharedRedis()
  service = await startTestApp({ databaseUrl: database.url, redisUrl, root: (config) => AppModule.of(config) })
})

afterAll(async () => {
  await service.close()
  await database.drop()
})

describe('web/src/api/schema.d.ts', () => {
  it('matches the OpenAPI document of the service (update: npm run api:types)', async () => {
    const { status, body } = await service.call<string>('GET', '//docs-json')
    expect(status).toBe(200)
    const types = HEAD + astToString(await openapiTS(JSON.stringify(body), { defaultNonNullable: false }))
    if (process.env['UPDATE_API_TYPES']) writeFileSync(FILE, types)
    expect(readFileSync(FILE, 'utf8')).toBe(types)
  })
})
