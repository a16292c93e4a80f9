import { register } from 'node:module'
import { MUTATIONS } from './catalogue.js'
import { mutatedSources } from './mutation.js'

/** Runs the seeds that it is sent on a service with the mutation named by its argument. */
const mutation = MUTATIONS.find(({ name }) => name === process.argv[2])
if (!mutation) throw new Error(`no mutation ${process.argv[2]}`)

const sources = await mutatedSources(mutation)
const loaded = new Int32Array(new SharedArrayBuffer(4))
register('../../tools/mutation-loader.mjs', { parentURL: import.meta.url, data: { sources, loaded } })
// Only what is imported from now on is mutated.
await import('../run/worker.js')
if (Atomics.load(loaded, 0) !== sources.length)
  throw new Error(`the simulation does not load what ${mutation.name} mutates`)
