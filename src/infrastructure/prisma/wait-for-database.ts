import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/**
 * Resolves once PostgreSQL responds. Throws the last error after `timeoutMs`, or at once for rejected credentials. The
 * message does not contain the URL, which may hold a password.
 */
export async function waitForDatabase(url: string, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const failure = await tryOnce(url)
    if (failure === null) return
    if (isFinal(failure) || performance.now() > deadline) {
      throw new Error(`PostgreSQL cannot be used: ${failure.message || failure.name}`, { cause: failure })
    }
    await sleep(Math.min(500, timeoutMs))
  }
}

async function tryOnce(connectionString: string): Promise<Error | null> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 3000, query_timeout: 3000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** 28: no such user or wrong password. Not 3D000: the migrations create a missing database. */
function isFinal(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return code.startsWith('28')
}
