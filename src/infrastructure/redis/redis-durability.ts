import type { Redis } from 'ioredis'
import { infoField, readSetting } from './redis-info.js'

/** What decides whether a server keeps acknowledged writes. Null: it does not report the setting. */
export interface RedisDurability {
  appendOnly: boolean | null
  /** When the append-only file is synced: `always`, `everysec` or `no`. Null also without such a file. */
  appendFsync: string | null
  evictionPolicy: string | null
}

export async function readDurability(node: Redis): Promise<RedisDurability> {
  const info = await node.info()
  const appending = infoField(info, 'aof_enabled')
  return {
    appendOnly: appending === null ? null : appending === '1',
    appendFsync: appending === '0' ? null : await readSetting(node, 'appendfsync'),
    evictionPolicy: infoField(info, 'maxmemory_policy'),
  }
}

/** How the server may lose acknowledged writes, one sentence each. A setting that is not reported is taken as safe. */
export function durabilityFindingsOf({ appendOnly, appendFsync, evictionPolicy }: RedisDurability): string[] {
  const findings: string[] = []
  if (appendOnly === false) {
    findings.push(
      'Redis has no append-only file: a restart loses queued webhooks; those sales are found by sweeps only',
    )
  } else if (appendFsync !== null && appendFsync !== 'always') {
    findings.push(`Redis uses appendfsync "${appendFsync}": a crash loses webhooks that were acknowledged just before`)
  }
  if (evictionPolicy !== null && evictionPolicy !== 'noeviction') {
    findings.push(
      `Redis may evict keys (${evictionPolicy}): stock gates and queued webhooks can be lost; set noeviction`,
    )
  }
  return findings
}
