import { spawnSync } from 'node:child_process'
import type { ServerUser } from '../data-dir/server-user.js'

/** How to run Redis here. `server`: installed on this machine; `package`: the distribution's, unpacked next to the data. */
export interface RedisProgram {
  kind: 'server' | 'package' | 'docker'
  command: string
  /** The arguments before the configuration `-` (read from standard input). */
  args: string[]
  /** Data directory, port and bind address as seen by the program itself. */
  inside: { dir: string | null; port: number | null; bind: string }
  /** The program runs as the servers' user. */
  asServerUser: boolean
}

const MIN_VERSION = [6, 2] as const

/** True when the program runs as that user and is new enough. */
export function runsRedis(command: string, args: string[], user: ServerUser | null): boolean {
  const { stdout } = spawnSync(command, [...args, '--version'], { encoding: 'utf8', cwd: '/', ...user })
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
  if (!major) return false
  return Number(major) > MIN_VERSION[0] || (Number(major) === MIN_VERSION[0] && Number(minor) >= MIN_VERSION[1])
}
