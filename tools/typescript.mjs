// Lets Node run the TypeScript sources directly: node --import ./tools/typescript.mjs src/main.ts
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

/** For a Node process that runs the sources. */
export const SOURCE_OPTIONS = ['--import', fileURLToPath(import.meta.url)]

// The hooks run on a separate thread, which loads this file again.
if (isMainThread) register(import.meta.url)

/** Sources import each other by the names of the compiled files, and packages of this project by the condition `source`. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL)
    if (existsSync(fileURLToPath(source))) return { url: source.href, format: 'module', shortCircuit: true }
  }
  if (specifier.startsWith('#') && !context.parentURL?.includes('/node_modules/'))
    return next(specifier, { ...context, conditions: ['source', ...context.conditions] })
  return next(specifier, context)
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const { transformFile } = await import('@swc/core')
  const { code } = await transformFile(fileURLToPath(url), { sourceMaps: 'inline' })
  return { format: 'module', source: code, shortCircuit: true }
}
