// Module hooks that load some sources with a fault instead of the files; the files themselves are never changed.
import { fileURLToPath } from 'node:url'

let mutated

/** `sources`: `url` and `source` of each mutated module; `loaded`: counts those that are loaded. */
export function initialize({ sources, loaded }) {
  mutated = { sources: new Map(sources.map(({ url, source }) => [url, source])), loaded }
}

export async function load(url, context, next) {
  const source = mutated.sources.get(url)
  if (source === undefined) return next(url, context)
  const { transform } = await import('@swc/core')
  const { code } = await transform(source, { filename: fileURLToPath(url), sourceMaps: 'inline' })
  Atomics.add(mutated.loaded, 0, 1)
  return { format: 'module', source: code, shortCircuit: true }
}
