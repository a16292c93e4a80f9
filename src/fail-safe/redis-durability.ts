import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'

/** How Redis may lose acknowledged writes, one sentence each; empty if it cannot. Rejects when Redis is unavailable. */
export async function durabilityFindings(redis: RedisClient): Promise<string[]> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis]
  const findings = await Promise.all(nodes.map((node) => findingsOf(node)))
  return [...new Set(findings.flat())]
}

async function findingsOf(node: Redis): Promise<string[]> {
  const [persistence, memory] = await Promise.all([node.info('persistence'), node.info('memory')])
  const findings: string[] = []
  if (/^aof_enabled:0/m.test(persistence)) {
    findings.push(
      'Redis has no append-only file: a restart loses queued webhooks; those sales are found by sweeps only',
    )
  } else {
    const fsync = await setting(node, 'appendfsync')
    if (fsync !== null && fsync !== 'always') {
      findings.push(`Redis uses appendfsync "${fsync}": a crash loses webhooks that were acknowledged just before`)
    }
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction'
  if (policy !== 'noeviction') {
    findings.push(`Redis may evict keys (${policy}): stock gates and queued webhooks can be lost; set noeviction`)
  }
  return findings
}

/** Null: hosted servers may not allow CONFIG GET. */
async function setting(node: Redis, name: string): Promise<string | null> {
  try {
    const [, value] = (await node.config('GET', name)) as [string, string]
    return value
  } catch (error) {
    if (error instanceof Error && /^(ERR|NOPERM)/.test(error.message)) return null
    throw error
  }
}
