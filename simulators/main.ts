import { SimulatorProcess, type SimulatorListing } from './simulator-process.js'

/**
 * The simulated platforms as a process of their own, driven over the channel of `child_process.fork`: it says `open`,
 * answers `list` by `listed`, and lets buyers in on `sell`. It ends when its parent is gone.
 */
type Wish = { kind: 'list'; name: string } | { kind: 'sell'; listing: SimulatorListing }

if (!process.send) {
  process.stderr.write('The simulated platforms are started by the service.\n')
  process.exit(2)
}
const tell = (message: unknown) => process.send?.(message)

const market = await SimulatorProcess.open(Number(process.argv[2] ?? 1))
process.on('message', (wish: Wish) => {
  if (wish.kind === 'list') tell({ kind: 'listed', listing: market.list(wish.name) })
  else market.sell(wish.listing)
})
process.on('disconnect', () => {
  void market.close().finally(() => process.exit(0))
})
// Ctrl-C reaches the whole group; the service decides when the platforms close.
process.on('SIGINT', () => undefined)
tell({ kind: 'open', addresses: market.addresses })
