import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { RedisProgram } from './redis-program.js'

const IMAGE = 'redis:8'
const PORT_INSIDE = 6379

/**
 * Redis in a foreground container with its port published on loopback only and its data in its own volume. Null without
 * a working Docker engine.
 */
export function redisInDocker(dir: string, port: number): RedisProgram | null {
  const engine = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 })
  if (engine.status !== 0) return null
  const name = `traffic-police-redis-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`
  // A container left over from an earlier run would hold the volume.
  spawnSync('docker', ['rm', '--force', name], { timeout: 30_000 })
  const published = ['--publish', `127.0.0.1:${port}:${PORT_INSIDE}`, '--volume', `${name}:/data`]
  return {
    kind: 'docker',
    command: 'docker',
    args: ['run', '--rm', '--interactive', '--name', name, ...published, IMAGE, 'redis-server'],
    inside: { dir: '/data', port: PORT_INSIDE, bind: '0.0.0.0' },
    asServerUser: false,
  }
}
