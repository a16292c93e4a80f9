import { register } from 'node:module'
import { MessageChannel } from 'node:worker_threads'
import { MUTATIONS } from './catalogue.js'
import { mutatedSource, urlOf } from './mutation.js'

/** Runs the seeds that it is sent on a service with the mutation named by its argument. */
const mutation = MUTATIONS.find(({ name }) => name === process.argv[2])
if (!mutation) throw new Error(`no mutation ${process.argv[2]}`)

const { port1: loaded, port2: port } = new MessageChannel()
const isLoaded = new Promise<void>((resolve) => loaded.once('message', () => resolve()))
const data = { url: urlOf(mutation).href, source: await mutatedSource(mutation), port }
register('./loader.mjs', { parentURL: import.meta.url, data, transferList: [port] })
// Only what is imported from now on is mutated.
await import('../run/worker.js')
const ignored = setTimeout(() => {
  throw new Error(`the simulation does not load ${mutation.file}`)
}, 5_000)
await isLoaded
clearTimeout(ignored)
loaded.close()
