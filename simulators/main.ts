import { SimulatorProcess, type SimulatorListing } from './simulator-process.js'

/**
 * The simulated platforms as a separate process, controlled over the channel of `child_process.fork`: it sends `open`,
 * replies to `list` with `listed`, and starts buyers on `sell`. It exits when its parent disconnects.
 */
type Command = { kind: 'list'; name: string } | { kind: 'sell'; listing: SimulatorListing }

if (!process.send) {
  process.stderr.write('This program is started by the service, not directly.\n')
  process.exit(2)
}
const send = (message: unknown) => process.send?.(message)

const simulators = await SimulatorProcess.open(Number(process.argv[2] ?? 1))
process.on('message', (command: Command) => {
  if (command.kind === 'list') send({ kind: 'listed', listing: simulators.list(command.name) })
  else simulators.sell(command.listing)
})
process.on('disconnect', () => {
  void simulators.close().finally(() => process.exit(0))
})
// Ctrl-C reaches the whole process group; the service decides when the platforms close.
process.on('SIGINT', () => undefined)
send({ kind: 'open', addresses: simulators.addresses })
