import { MUTATIONS } from './catalogue.js'
import { plant } from './plant.js'

/** Runs the seeds that it is sent on a service with the mutation named by its argument. */
const mutation = MUTATIONS.find(({ name }) => name === process.argv[2])
if (!mutation) throw new Error(`no mutation ${process.argv[2]}`)

const assertPlanted = await plant(mutation)
await import('../run/worker.js')
assertPlanted()
