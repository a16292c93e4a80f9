import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runsRedis } from './redis-program.js'
import type { ServerPlace } from '../data-dir/server-place.js'
import { grantReadToAll } from '../data-dir/server-user.js'

const run = promisify(execFile)
const TIMEOUT_MS = 180_000
/** System libraries; they must match the loader of the running system. */
const EXCLUDED = new Set(['libc6', 'libc-bin', 'libgcc-s1', 'libstdc++6'])
/** Lists the missing packages and, in any case, these two. */
const PLAN = ['--simulate', '--reinstall', '--no-install-recommends', 'install', 'redis-server', 'redis-tools']

export interface UnpackedRedis {
  server: string
  /** For LD_LIBRARY_PATH. */
  libraries: string
}

/**
 * On Debian-based systems: downloads the distribution's Redis and unpacks it next to the data. Installs nothing and
 * needs no privileges. Null where that is not possible.
 */
export async function fetchRedisPackage(place: ServerPlace): Promise<UnpackedRedis | null> {
  const folder = join(place.programs, 'redis-package')
  if (existsSync(folder)) {
    const unpacked = unpackedIn(folder)
    if (runs(unpacked, place)) return unpacked
  }
  if (!(await hasApt())) return null
  place.log("redis-server is not installed; downloading this distribution's package")
  const draft = `${folder}.new`
  try {
    rmSync(draft, { recursive: true, force: true })
    await unpackInto(draft, place)
    grantReadToAll(draft)
    if (!runs(unpackedIn(draft), place)) throw new Error('it does not run here')
    rmSync(folder, { recursive: true, force: true })
    renameSync(draft, folder)
    return unpackedIn(folder)
  } catch (error) {
    place.signal.throwIfAborted()
    place.log(`The Redis package cannot be used: ${lastLine(error)}`)
    return null
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

async function hasApt(): Promise<boolean> {
  return run('/bin/sh', ['-c', 'command -v apt-get && command -v dpkg']).then(
    () => true,
    () => false,
  )
}

/** Uses the system's package lists; if that fails (missing or outdated), separate lists. */
async function unpackInto(draft: string, place: ServerPlace): Promise<void> {
  const downloads = join(draft, 'downloads')
  mkdirSync(downloads, { recursive: true })
  const fetchWith = async (apt: string[]) => {
    const plan = await call('apt-get', [...apt, ...PLAN], place)
    const names = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string)
    const packages = names.filter((name) => !EXCLUDED.has(name.replace(/:.*/, '')))
    await call('apt-get', [...apt, 'download', ...packages], place, downloads)
  }
  const sandbox = place.user ? ['-o', 'APT::Sandbox::User=root'] : []
  try {
    await fetchWith(sandbox)
  } catch {
    place.signal.throwIfAborted()
    const ownListOptions = [...sandbox, ...ownLists(join(draft, 'apt'))]
    await call('apt-get', [...ownListOptions, 'update'], place)
    await fetchWith(ownListOptions)
    rmSync(join(draft, 'apt'), { recursive: true })
  }
  for (const deb of readdirSync(downloads)) await call('dpkg', ['-x', join(downloads, deb), draft], place)
  rmSync(downloads, { recursive: true })
}

function ownLists(folder: string): string[] {
  mkdirSync(join(folder, 'lists/partial'), { recursive: true })
  mkdirSync(join(folder, 'cache/archives/partial'), { recursive: true })
  return ['-o', `Dir::State::Lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`, '-o', 'Debug::NoLocking=1']
}

async function call(command: string, args: string[], place: ServerPlace, cwd = '/'): Promise<string> {
  const options = { cwd, signal: place.signal, timeout: TIMEOUT_MS, maxBuffer: 8 << 20 }
  return (await run('/usr/bin/env', ['LC_ALL=C', command, ...args], options)).stdout
}

function unpackedIn(folder: string): UnpackedRedis {
  const roots = ['usr/lib', 'lib'].map((path) => join(folder, path)).filter((path) => existsSync(path))
  const perPlatform = roots.flatMap((root) =>
    readdirSync(root)
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(root, name)),
  )
  return { server: join(folder, 'usr/bin/redis-server'), libraries: [...perPlatform, ...roots].join(':') }
}

function runs({ server, libraries }: UnpackedRedis, { user }: ServerPlace): boolean {
  return runsRedis('/usr/bin/env', [`LD_LIBRARY_PATH=${libraries}`, server], user)
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }
  return (stderr || message).trim().split('\n').at(-1) ?? ''
}
