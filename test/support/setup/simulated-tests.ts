import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FOLDERS = ['src', 'simulators', 'simulation', 'bench', 'test/support']
const IMPORT = /^(?:import|export) (?!type ).*?from '([^']+)'|^} from '([^']+)'/gm
const SERVER_OR_PROCESS = /^node:(http|net|child_process)$|^\..*\/server\.js$/
const LAB = /^bench\/lab\//
const TEST_HELPER = /\.test-support\.js$|\btest\/support\//

/**
 * The test files that start simulators, other HTTP servers or processes, or run the policy lab: they belong to the
 * project `simulated`, the others to `unit`. A file does so if it, or a test helper that it imports, imports a
 * simulator's `server.js`, `node:http`, `node:net`, `node:child_process` or a part of the lab. Paths are relative to the
 * project's folder.
 */
export function simulatedTests(): string[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  return files.filter((file) => file.endsWith('.test.ts') && isSimulated(file))
}

function isSimulated(file: string): boolean {
  return importsOf(file).some((name) => {
    if (SERVER_OR_PROCESS.test(name)) return true
    if (!name.startsWith('.')) return false
    const path = join(dirname(file), name)
    return LAB.test(path) || (TEST_HELPER.test(path) && isSimulated(path.replace(/\.js$/, '.ts')))
  })
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(
    ([, name, nameOfLongImport]) => name ?? nameOfLongImport ?? '',
  )
}
