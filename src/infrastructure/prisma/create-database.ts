import { Client, escapeIdentifier } from 'pg'

const CONNECT_MS = 10_000
const MISSING = '3D000'
const EXISTS = '42P04'
/** Two made at once: one of them fails on the catalogue's own index. */
const EXISTS_BY_RACE = '23505'

/** A connected client; the database is made first if it is missing. Throws when it may not be made. */
export async function connectOrCreate(databaseUrl: string, log: (line: string) => void): Promise<Client> {
  try {
    return await connect(databaseUrl)
  } catch (error) {
    if ((error as { code?: string }).code !== MISSING) throw error
    await createDatabase(databaseUrl)
    log('Made the database, which was missing')
    return connect(databaseUrl)
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS })
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
    throw new Error(`The database ${name} is missing and cannot be made: ${message}`, { cause: error })
  }
}
