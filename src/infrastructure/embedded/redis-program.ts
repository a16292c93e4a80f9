import { spawnSync } from 'node:child_process'
import type { ServerUser } from './server-user.js'

/** How Redis is run here. `server`: installed on this machine; `package`: the distribution's, unpacked beside the data. */
export interface RedisProgram {
  kind: 'server' | 'package' | 'docker'
  command: string
  /** What comes before the configuration `-` (read from standard input). */
  args: string[]
  /** Where the program itself sees its data directory and listens. */
  inside: { dir: string | null; port: number | null; bind: string }
  /** The program drops to the servers' user. */
  asServerUser: boolean
}

const OLDEST = [6, 2] as const

/** True when the program runs as that user and is new enough. */
export function runsRedis(command: string, args: string[], user: ServerUser | null): boolean {
  const { stdout } = spawnSync(command, [...args, '--version'], { encoding: 'utf8', cwd: '/', ...user })
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
  if (!major) return false
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1])
}
