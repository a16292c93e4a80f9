import { Client, escapeIdentifier } from 'pg'

const CONNECT_TIMEOUT_MS = 10_000
const MISSING = '3D000'
const EXISTS = '42P04'
/** Two concurrent creations: one of them fails on the unique index of the catalogue. */
const EXISTS_BY_RACE = '23505'

/** Connects a client; creates the database first if it is missing. Throws when that is not permitted. */
export async function connectOrCreate(databaseUrl: string, log: (line: string) => void): Promise<Client> {
  try {
    return await connect(databaseUrl)
  } catch (error) {
    if ((error as { code?: string }).code !== MISSING) throw error
    await createDatabase(databaseUrl)
    log('Created the missing database')
    return connect(databaseUrl)
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  await client.connect()
  return client
}

async function createDatabase(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl)
  const name = decodeURIComponent(url.pathname.slice(1))
  url.pathname = '/postgres'
  try {
    const client = await connect(url.href)
    try {
      await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`)
    } finally {
      await client.end()
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === EXISTS || code === EXISTS_BY_RACE) return
    throw new Error(`The database ${name} is missing and cannot be created: ${message}`, { cause: error })
  }
}
