import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fetchRedisPackage } from './redis-package.js'
import { runsRedis } from './redis-program.js'
import type { RedisProgram } from './redis-program.js'
import type { ServerPlace } from '../data-dir/server-place.js'
import type { ServerUser } from '../data-dir/server-user.js'

const IMAGE = 'redis:8'
const PORT_INSIDE = 6379

/** The first available of: installed server, unpacked package, Docker. Throws with instructions when there is none. */
export async function findRedis(place: ServerPlace, port: number): Promise<RedisProgram> {
  const installed = installedRedis(place.user)
  if (installed) return local('server', installed, [])
  const unpacked = await fetchRedisPackage(place)
  if (unpacked) return local('package', '/usr/bin/env', [`LD_LIBRARY_PATH=${unpacked.libraries}`, unpacked.server])
  const docker = redisInDocker(place, port)
  if (docker) return docker
  throw new Error(
    'No Redis was found. Install redis-server 6.2 or newer (apt-get install redis-server, brew install redis), ' +
      'start Docker, or set REDIS_URL.',
  )
}

function local(kind: 'server' | 'package', command: string, args: string[]): RedisProgram {
  return { kind, command, args, inside: { dir: null, port: null, bind: '127.0.0.1' }, asServerUser: true }
}

function installedRedis(user: ServerUser | null): string | null {
  for (const name of ['redis-server', 'valkey-server']) {
    const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
    if (found && runsRedis(found, [], user)) return found
  }
  return null
}

/**
 * Redis in a foreground container with its port published on loopback only and its data in its own volume. Null without
 * a working Docker engine.
 */
function redisInDocker(place: ServerPlace, port: number): RedisProgram | null {
  const engine = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 })
  if (engine.status !== 0) return null
  const name = `${place.name}-redis-${createHash('sha256').update(join(place.home, 'redis')).digest('hex').slice(0, 16)}`
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
