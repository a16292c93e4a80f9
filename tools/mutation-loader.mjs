// Module hooks that load one source with a fault instead of the file; the file itself is never changed.
import { fileURLToPath } from 'node:url'

let mutated

/** `url` and `source` of the mutated module; `loaded`: set to 1 when it is loaded. */
export function initialize(data) {
  mutated = data
}

export async function load(url, context, next) {
  if (url !== mutated.url) return next(url, context)
  const { transform } = await import('@swc/core')
  const { code } = await transform(mutated.source, { filename: fileURLToPath(url), sourceMaps: 'inline' })
  Atomics.store(mutated.loaded, 0, 1)
  return { format: 'module', source: code, shortCircuit: true }
}
