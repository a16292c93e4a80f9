import { openStreams, runReads, type ReadLoad, type StreamLoad, type Streams } from './read-load.js'

/** The load generator, in a process of its own: it shares no event loop with what it measures or with the bench. */
let streams: Streams | null = null

async function run(task: ReadLoad | StreamLoad | { kind: 'take' } | { kind: 'close' }): Promise<unknown> {
  switch (task.kind) {
    case 'reads':
      return runReads(task)
    case 'streams':
      streams = await openStreams(task)
      return null
    case 'take':
      return streams?.take()
    case 'close':
      streams?.close()
      return null
  }
}

process.on('message', (task: Parameters<typeof run>[0]) => {
  run(task).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.send?.('ready')
