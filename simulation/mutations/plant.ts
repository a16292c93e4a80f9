import { register } from 'node:module'
import { mutatedSources, type Mutation } from './mutation.js'

/**
 * Plants a fault in what this process imports from now on. Returns a check that all of it was imported since: it throws
 * otherwise, since nothing would be mutated.
 */
export async function plant(mutation: Mutation): Promise<() => void> {
  const sources = await mutatedSources(mutation)
  const loaded = new Int32Array(new SharedArrayBuffer(4))
  register('../../tools/mutation-loader.mjs', { parentURL: import.meta.url, data: { sources, loaded } })
  return () => {
    if (Atomics.load(loaded, 0) !== sources.length)
      throw new Error(`this process does not load what ${mutation.name} mutates`)
  }
}
