import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTraversable } from './private-file.js'

/** The user the servers run as. PostgreSQL refuses to run as root; Redis does not need to. */
export interface ServerUser {
  uid: number
  gid: number
}

const CANDIDATES = ['postgres', 'nobody', 'daemon'] // words-ok: names of system users

/** Null: this process is not root, and the servers run as its user. */
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

/** The owner of a directory created by an earlier start; `otherwise` if there is none. */
export function ownerOf(directory: string, otherwise: ServerUser): ServerUser {
  if (!existsSync(directory)) return otherwise
  const { uid, gid } = statSync(directory)
  return uid === 0 ? otherwise : { uid, gid }
}

/** Checked by running a program as that user, so that all access rules of the system apply. */
function canAccess(user: ServerUser, directory: string): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'test -x "$0"', directory], { ...user, cwd: '/' })
  if (probe.error) throw new Error(`Cannot run programs as user ${user.uid}: ${probe.error.message}`)
  return probe.status === 0
}

/**
 * Where the servers of a directory store their files: in it, or, when their user has no access (a checkout below /root),
 * in a directory below /var/lib/<name>, with a note in the original one.
 */
export function serverHome(directory: string, user: ServerUser | null, name: string): string {
  makeTraversable(directory)
  if (user === null || canAccess(user, directory)) return directory
  const rootHomes = join('/var/lib', name)
  const home = join(rootHomes, createHash('sha256').update(directory).digest('hex').slice(0, 16))
  makeTraversable(rootHomes)
  makeTraversable(home)
  if (!canAccess(user, home)) throw new Error(`User ${user.uid} can reach neither ${directory} nor ${home}`)
  writeFileSync(join(directory, 'SERVER-FILES.txt'), `PostgreSQL and Redis keep their files in ${home}\n`)
  return home
}

/** Creates a directory that only the servers' user can access. */
export function ownedDirectory(directory: string, user: ServerUser | null): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (user) chownSync(directory, user.uid, user.gid)
  return directory
}

/** Makes a directory readable and its programs executable for every user, independent of the umask at creation. */
export function grantReadToAll(directory: string): void {
  const { status, stderr } = spawnSync('chmod', ['-R', 'a+rX', directory], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`chmod of ${directory}: ${stderr}`)
}
