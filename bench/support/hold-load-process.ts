import { runHoldLoad, type HoldLoad } from './hold-load.js'

/** The load generator, in a process of its own: it shares no event loop with what it measures or with the bench. */
process.on('message', (load: HoldLoad) => {
  runHoldLoad(load).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.send?.('ready')
