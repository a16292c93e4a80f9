// Prerequisites of this project's commands: the required Node version, the packages, the Prisma client. Uses Node
// built-ins only: packages may not be installed yet when this file is loaded.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MIN_NODE = [20, 19]

/** Set-up messages go to standard error; standard output is for data. */
export const log = (line) => process.stderr.write(`${line}\n`)

/** Exits with an error message. */
export function fail(message) {
  log(message)
  process.exit(1)
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return
  fail(`Node ${MIN_NODE.join('.')} or newer is needed; this is ${process.versions.node}. See https://nodejs.org`)
}

/** Runs a program with its output on standard error; exits this process when it fails. */
export function run(command, args, what, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  })
  if (status !== 0) fail(`${what} failed${error ? `: ${error.message}` : ` (exit ${status})`}`)
}

const LOCK = join(ROOT, '.setup-lock')
const release = () => rmSync(LOCK, { force: true })

/** Prevents concurrent commands from installing or building at the same time. */
async function withSetupLock(work) {
  for (let announced = false; !acquireLock(); announced = true) {
    if (!announced) log('Waiting for another command that is setting up')
    await sleep(200)
  }
  process.once('exit', release)
  try {
    await work()
  } finally {
    process.removeListener('exit', release)
    release()
  }
}

/** The lock of a dead process is released. */
function acquireLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`Cannot write to ${ROOT}: ${error.message}`)
    if (!lockIsHeld()) release()
    return false
  }
}

function lockIsHeld() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

/** Runs the steps that are not current, in order. A step: {name, isCurrent(): boolean, make(): void}. */
export async function ensure(steps) {
  if (steps.every((step) => step.isCurrent())) return
  await withSetupLock(async () => {
    for (const step of steps) {
      if (step.isCurrent()) continue
      log(`${step.name} …`)
      await step.make()
    }
  })
}

const packagesIn = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {})

export const packages = {
  name: 'Installing packages',
  /** Compares npm's list of installed packages with the lock file. */
  isCurrent() {
    const installed = packagesIn(join(ROOT, 'node_modules/.package-lock.json'))
    const required = Object.entries(packagesIn(join(ROOT, 'package-lock.json')))
    return required.every(
      ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
    )
  },
  make() {
    const npm = process.env.npm_execpath
    const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
    if (npm && /\.c?js$/.test(npm)) run(process.execPath, [npm, ...args], 'npm ci')
    else run('npm', args, 'npm ci')
  },
}

/** A content hash of files and folders, without tests: they are not part of any build. */
export function hashOf(paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    const full = join(ROOT, path)
    if (!existsSync(full)) return
    for (const entry of readdirSync(full, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) add(join(path, entry.name))
      else if (!entry.name.endsWith('.test.ts')) addFile(join(path, entry.name))
    }
  }
  const addFile = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0')
  for (const path of paths) {
    if (/\.\w+$/.test(path)) addFile(path)
    else add(path)
  }
  return hash.digest('hex')
}

/** A step that stores the content hash of its inputs with its result. */
export function stamped(name, inputs, stampPath, make) {
  const stamp = join(ROOT, stampPath)
  const fingerprint = () => hashOf(inputs)
  return {
    name,
    isCurrent: () => existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(),
    async make() {
      const made = fingerprint()
      await make()
      mkdirSync(dirname(stamp), { recursive: true })
      writeFileSync(stamp, made)
    },
  }
}

export const prismaClient = stamped(
  'Generating the database client',
  ['prisma/schema.prisma', 'package-lock.json'],
  'src/generated/.made-of',
  () => run(process.execPath, [join(ROOT, 'tools/prisma.mjs'), 'generate'], 'prisma generate'),
)
