import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { redisInDocker } from './redis-docker.js'
import { fetchRedisPackage } from './redis-package.js'
import { runsRedis } from './redis-program.js'
import type { RedisProgram } from './redis-program.js'
import type { ServerPlace } from './server-place.js'
import type { ServerUser } from './server-user.js'

/** The first available of: installed server, unpacked package, Docker. Throws with instructions when there is none. */
export async function findRedis(place: ServerPlace, port: number): Promise<RedisProgram> {
  const installed = installedRedis(place.user)
  if (installed) return local('server', installed, [])
  const unpacked = await fetchRedisPackage(place)
  if (unpacked) return local('package', '/usr/bin/env', [`LD_LIBRARY_PATH=${unpacked.libraries}`, unpacked.server])
  const docker = redisInDocker(join(place.home, 'redis'), port)
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
