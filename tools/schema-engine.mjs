#!/usr/bin/env node
// Replaces Prisma's native schema engine where its binary cannot be downloaded: implements the same JSON-RPC over stdio
// with Prisma's WebAssembly build of that engine on node-postgres.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

const { values: flags, positionals } = parseArgs({
  options: { datamodels: { type: 'string', multiple: true }, datasource: { type: 'string' } },
  allowPositionals: true,
  strict: false,
})
const datasource = flags.datasource ? JSON.parse(flags.datasource) : {}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const log = (level, message, fields = {}) =>
  process.stderr.write(
    `${JSON.stringify({ timestamp: new Date().toISOString(), level, fields: { message, ...fields }, target: 'schema_engine::logger' })}\n`,
  )

function target() {
  if (!datasource.url) throw new Error('No database address: set DATABASE_URL')
  const url = new URL(datasource.url)
  return {
    schema: url.searchParams.get('schema') ?? undefined,
    database: decodeURIComponent(url.pathname.slice(1)),
    connection: {
      host: url.searchParams.get('host') ?? url.hostname,
      port: Number(url.port || 5432),
      user: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
      ssl: url.searchParams.get('sslmode') === 'require' ? { rejectUnauthorized: false } : undefined,
      connectionTimeoutMillis: 10_000,
    },
  }
}

const quoted = (name) => `"${name.replaceAll('"', '""')}"`

async function onDatabase(database, work) {
  const client = new pg.Client({ ...target().connection, database })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const statement = (sql) => onDatabase('postgres', (client) => client.query(sql))

// The adapter does not support the types of the system catalogue. name and reg* are mapped to text. "char" has no
// counterpart: it is mapped to its array type and restored in the adapter's result.
const CHAR_ARRAY = 1002
const CATALOGUE_TYPES = { 18: CHAR_ARRAY, 19: 25, 194: 25, 2205: 25, 2206: 25 }
const { Character, CharacterArray } = ColumnTypeEnum

function inKnownTypes(result) {
  for (const field of result?.fields ?? []) field.dataTypeID = CATALOGUE_TYPES[field.dataTypeID] ?? field.dataTypeID
  return result
}

class CatalogueClient extends pg.Client {
  query(...args) {
    const callback = args.at(-1)
    if (typeof callback === 'function') args[args.length - 1] = (error, result) => callback(error, inKnownTypes(result))
    const pending = super.query(...args)
    return typeof pending?.then === 'function' ? pending.then(inKnownTypes) : pending
  }
}

/** An adapter on its own pool. PrismaPg's shadow connection would use the connection string of the main database. */
async function adapterOn(database, afterwards = async () => {}) {
  const { connection, schema } = target()
  const pool = new pg.Pool({ ...connection, database, Client: CatalogueClient })
  pool.on('error', (error) => log('ERROR', error.message))
  const adapter = await new PrismaPg(pool, schema ? { schema } : undefined).connect()
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    return { ...result, columnTypes: result.columnTypes.map((type) => (type === CharacterArray ? Character : type)) }
  }
  // The adapter's own implementation splits scripts at every semicolon, even in comments and function bodies.
  adapter.executeScript = (script) =>
    pool.query(script).then(
      () => {},
      (error) => adapter.onError(error),
    )
  adapter.dispose = async () => {
    await pool.end()
    await afterwards()
  }
  return adapter
}

async function shadowAdapter() {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`
  await statement(`CREATE DATABASE ${quoted(name)}`)
  return adapterOn(name, () => statement(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`))
}

async function loadEngine() {
  const require = createRequire(import.meta.url)
  const wasm = readFileSync(resolve(require.resolve('@prisma/schema-engine-wasm'), '../schema_engine_bg.wasm'))
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  // After a panic the engine sends no response, so it is sent here; the CLI knows the exit code.
  const set_message = (message) => {
    sendError(currentId, message, { is_panic: true })
    process.exit(101)
  }
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message }
  const adapter = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => adapterOn(target().database),
    connectToShadowDb: shadowAdapter,
  })
  const datamodels = flags.datamodels?.map((path) => [resolve(path), readFileSync(path, 'utf8')])
  return glue.SchemaEngine.new({ datamodels }, () => {}, adapter)
}

const WASM_NAMES = { migrateDiff: 'diff', getDatabaseVersion: 'version' }
let engine

async function handle(method, params) {
  if (method === 'createDatabase') {
    await statement(`CREATE DATABASE ${quoted(target().database)}`)
    return { databaseName: target().database }
  }
  engine ??= loadEngine()
  return (await engine)[WASM_NAMES[method] ?? method](params)
}

/** The id of the request in progress. */
let currentId

function sendError(id, message, data) {
  const summary = 'An error happened. Check the data field for details.'
  send({ id, error: { code: 4466, message: summary, data: { is_panic: false, message, meta: null, ...data } } })
}

async function serve({ id, method, params }) {
  if (!method) return // the CLI's response to our 'print'
  currentId = id
  try {
    const result = await handle(method, params)
    // A diff is printed by the CLI at our request, which needs its own numeric id.
    if (result?.stdout != null) send({ id: 1_000_000 + id, method: 'print', params: { content: result.stdout } })
    send({ id, result: result ?? {} })
  } catch (error) {
    sendError(id, String(error?.message ?? error), { meta: error?.meta ?? null, error_code: error?.code ?? null })
  }
}

const CLI = {
  'can-connect-to-database': () => onDatabase(target().database, () => log('INFO', 'Connection successful')),
  'create-database': () => statement(`CREATE DATABASE ${quoted(target().database)}`),
  'drop-database': () => statement(`DROP DATABASE IF EXISTS ${quoted(target().database)}`),
}
const ERROR_CODES = { '3D000': 'P1003', '28P01': 'P1000' }

async function runCli(command) {
  try {
    if (!CLI[command]) throw new Error(`unknown command ${command}`)
    await CLI[command]()
    return 0
  } catch (error) {
    process.stderr.write('\n')
    log('ERROR', error.message, { error_code: ERROR_CODES[error.code] ?? 'P1001', is_panic: false })
    return 1
  }
}

if (positionals[0] === 'cli') {
  process.exit(await runCli(positionals[1]))
} else {
  let turn = Promise.resolve()
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line.trim()) turn = turn.then(() => serve(JSON.parse(line)))
  })
  lines.on('close', () => turn.then(() => process.exit(0)))
}
