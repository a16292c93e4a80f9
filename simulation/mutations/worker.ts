import { register } from 'node:module'
import { MUTATIONS } from './catalogue.js'
import { mutatedSource, urlOf } from './mutation.js'

/** Runs the seeds that it is sent on a service with the mutation named by its argument. */
const mutation = MUTATIONS.find(({ name }) => name === process.argv[2])
if (!mutation) throw new Error(`no mutation ${process.argv[2]}`)

const loaded = new Int32Array(new SharedArrayBuffer(4))
const data = { url: urlOf(mutation).href, source: await mutatedSource(mutation), loaded }
register('../../tools/mutation-loader.mjs', { parentURL: import.meta.url, data })
// Only what is imported from now on is mutated.
await import('../run/worker.js')
if (Atomics.load(loaded, 0) !== 1) throw new Error(`the simulation does not load ${mutation.file}`)
