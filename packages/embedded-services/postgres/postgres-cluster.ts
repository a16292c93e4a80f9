import { execFile } from 'node:child_process'
import { chownSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { POSTGRES_ENV } from './postgres-binaries.js'
import type { PostgresBinaries } from './postgres-binaries.js'
import { writePrivateFile } from '../data-dir/private-file.js'
import type { ServerPlace } from '../data-dir/server-place.js'
import { ownedDirectory } from '../data-dir/server-user.js'

const run = promisify(execFile)

/** The secret file with the superuser's password. */
export const POSTGRES_SECRET = 'postgres-password'

/** Creates the data directory at the first start, under its final name only when it is complete. */
export async function ensureCluster(data: string, binaries: PostgresBinaries, place: ServerPlace): Promise<void> {
  if (existsSync(data)) return checkVersion(data, binaries.major)
  const { user, signal, durable } = place
  const draft = ownedDirectory(freshPath(`${data}.new`), user)
  const passwordFile = `${data}.password`
  writePrivateFile(passwordFile, place.secret(POSTGRES_SECRET))
  if (user) chownSync(passwordFile, user.uid, user.gid)
  const options = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8']
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const args = ['-D', draft, ...options, ...locale, ...(durable ? [] : ['--no-sync'])]
  try {
    await run(binaries.initdb, args, { cwd: '/', env: POSTGRES_ENV, signal, ...user })
    renameSync(draft, data)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

function freshPath(path: string): string {
  rmSync(path, { recursive: true, force: true })
  return path
}

function checkVersion(data: string, major: string): void {
  const file = join(data, 'PG_VERSION')
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'nothing'
  if (found !== major) {
    throw new Error(`${data} holds PostgreSQL ${found} data, but the embedded server is version ${major}`)
  }
}
