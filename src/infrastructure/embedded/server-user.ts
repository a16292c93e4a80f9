import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePassable } from './private-file.js'

/** Whom the servers run as. PostgreSQL refuses to run as root, and Redis need not. */
export interface ServerUser {
  uid: number
  gid: number
}

const ROOT_HOMES = '/var/lib/traffic-police'
const CANDIDATES = ['postgres', 'nobody', 'daemon']

/** Null: we are not root, the servers run as we do. */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null
  for (const name of CANDIDATES) {
    const [uid, gid] = [idOf('-u', name), idOf('-g', name)]
    if (uid && gid !== null) return { uid, gid }
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the users ${CANDIDATES.join(', ')} exists. ` +
      'Start as another user, or set DATABASE_URL.',
  )
}

function idOf(flag: '-u' | '-g', name: string): number | null {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' })
  return status === 0 ? Number(stdout) : null
}

/** Whoever owns what an earlier start made stays its owner. */
export function ownerOf(directory: string, otherwise: ServerUser): ServerUser {
  if (!existsSync(directory)) return otherwise
  const { uid, gid } = statSync(directory)
  return uid === 0 ? otherwise : { uid, gid }
}

/** Tried as that user, so that every rule of the system counts. */
function reaches(user: ServerUser, directory: string): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'test -x "$0"', directory], { ...user, cwd: '/' })
  if (probe.error) throw new Error(`Cannot run programs as user ${user.uid}: ${probe.error.message}`)
  return probe.status === 0
}

/**
 * Where the servers of a directory keep their files: in it, or, when their user cannot get there (a checkout below
 * /root), in a place of its own outside, with a note left in the directory.
 */
export function serverHome(directory: string, user: ServerUser | null): string {
  makePassable(directory)
  if (user === null || reaches(user, directory)) return directory
  const home = join(ROOT_HOMES, createHash('sha256').update(directory).digest('hex').slice(0, 16))
  makePassable(ROOT_HOMES)
  makePassable(home)
  if (!reaches(user, home)) throw new Error(`User ${user.uid} can reach neither ${directory} nor ${home}`)
  writeFileSync(join(directory, 'SERVER-FILES.txt'), `PostgreSQL and Redis keep their files in ${home}\n`)
  return home
}

/** A directory for the server's user alone. */
export function ownedDirectory(directory: string, user: ServerUser | null): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (user) chownSync(directory, user.uid, user.gid)
  return directory
}

/** Lets every user run the programs in a directory, whatever the umask was when they were put there. */
export function letAllRead(directory: string): void {
  const { status, stderr } = spawnSync('chmod', ['-R', 'a+rX', directory], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`chmod of ${directory}: ${stderr}`)
}
