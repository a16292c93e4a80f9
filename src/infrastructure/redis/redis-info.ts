import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './create-redis.js'

/** The servers that accept writes: every master of a cluster, otherwise the one server. */
export function mastersOf(client: RedisClient): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client]
}

/** A field of the reply to INFO; null: this server does not report it. */
export function infoField(info: string, name: string): string | null {
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? null
}

/** A setting of the server; null: hosted servers may not allow CONFIG GET. */
export async function readSetting(node: Redis, name: string): Promise<string | null> {
  try {
    const [, value] = (await node.config('GET', name)) as [string, string?]
    return value ?? null
  } catch (error) {
    if (error instanceof Error && /^(ERR|NOPERM)/.test(error.message)) return null
    throw error
  }
}
