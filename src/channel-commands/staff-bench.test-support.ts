import { AuditService } from '../accounts/audit.service.js'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { MemoryDatabase } from '../adapters/memory/memory-database.js'
import { MemoryStockGate } from '../adapters/memory/stock/memory-stock-gate.js'
import { MemoryGateState } from '../adapters/memory/stock/memory-gate-state.js'
import { ownMemory } from '../infrastructure/shared-memory.js'
import { memoryStores } from '../adapters/memory/stores.js'
import { DesiredState } from '../channels/desired-state.js'
import { CapWriteJournal } from '../channels/sync/cap-write-journal.js'
import type { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { PLATFORMS } from '../domain/channel.js'
import { EventChanges } from '../events/event-changes.js'
import { EventCreation } from '../events/event-creation.js'
import { EventPrice } from '../events/event-price.js'
import { EventStates } from '../events/event-states.js'
import { ListingClaims } from '../events/listing-claims.js'
import type { FetchJobs } from '../inbound/route/fetch-jobs.js'
import type { Config } from '../infrastructure/config/config.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { LockRegistry, MemoryLocks } from '../infrastructure/locks/memory-locks.js'
import { VirtualTime } from '../infrastructure/time/virtual-time.js'
import { ChannelConnections } from '../connections/channel-connections.js'
import { environmentConnection, Platforms } from '../platforms/platforms.js'
import type { PlatformAdapter } from '../platforms/port.js'
import { Ledger } from '../stock/ledger.js'
import { Rebuilder } from '../stock/gate/rebuild.js'
import { StockEvents } from '../stock/stock-events.js'
import { Stock } from '../stock/stock.js'
import { ChannelCommands } from './channel-commands.js'
import { ChannelListings } from './channel-listings.js'
import { ChannelLookup } from './channel-lookup.js'

export const USER: AuthenticatedUser = {
  id: 'usr_1',
  email: 'ann@example.com',
  name: 'Ann',
  role: 'OPERATOR',
  sessionId: 'ses_1',
  emailVerified: true,
}
export const HOUR_MS = 3_600_000

/** The listing of the events that `create` makes. */
export const listing = { platform: 'LUMA', externalEventId: 'evt-1' } as const

/** The commands of staff on one database in memory, without servers and real time. */
export function openStaffBench() {
  const time = new VirtualTime()
  const registry = new LockRegistry()
  const database = new MemoryDatabase(time, time, registry)
  const stores = memoryStores(database)
  const gate = new MemoryStockGate(ownMemory(new MemoryGateState(time)))
  const ledger = new Ledger(stores.ledger)
  const stock = new Stock(gate, ledger, new Rebuilder(ledger, gate, () => undefined, time), () => undefined)
  const audit = new AuditService(stores.auditLog, time)
  const desired = new DesiredState(stores.channels, time)
  const writes = new CapWriteJournal(stock, stores.events, stores.channels, stores.failSafe, time)
  const claims = new ListingClaims(stores.channels, stores.transactions, ledger)
  const requested: string[] = []
  const jobs = {
    wake: () => undefined,
    enqueue: async (id: string) => void requested.push(`sync ${id}`),
  } as unknown as ChannelJobs
  const reads = {
    enqueueChanges: async ({ id }: { id: string }) => void requested.push(`read ${id}`),
  } as unknown as FetchJobs
  const config = { stock: { softCapRatio: 0.9, safetyStockRatio: 0.1 } } as Config
  const price = new EventPrice(config)
  const { events, channels, transactions, seats } = stores
  const lookup = new ChannelLookup(channels)
  const connections = new ChannelConnections(
    new Platforms(PLATFORMS.map((platform) => environmentConnection({ platform } as PlatformAdapter))),
    stores.connections,
  )
  const commands = {
    time,
    database,
    stores,
    requested,
    locks: new MemoryLocks(new ServiceState(), registry),
    creation: new EventCreation(
      transactions,
      events,
      channels,
      seats,
      connections,
      claims,
      price,
      ledger,
      gate,
      jobs,
      config,
      audit,
      time,
    ),
    changes: new EventChanges(stock, events, claims, price, desired, writes, jobs, audit, new StockEvents(), time),
    states: new EventStates(stock, events, desired, jobs, audit, time),
    channels: new ChannelCommands(transactions, events, channels, lookup, stock, desired, jobs, reads, audit, time),
    listings: new ChannelListings(
      transactions,
      events,
      channels,
      lookup,
      connections,
      claims,
      ledger,
      stock,
      desired,
      writes,
      jobs,
      audit,
      time,
    ),
  }
  /** An event of 100 on one listing on Luma. */
  const create = (change: object = {}) => {
    const startsAt = new Date(time.ms() + 24 * HOUR_MS).toISOString()
    return commands.creation.create({ name: 'Meetup', startsAt, capacity: 100, channels: [listing], ...change }, USER)
  }
  const rowOf = async (eventId: string) => stores.events.withChannels(null, eventId)
  const balancesOf = async (eventId: string) => (await stores.ledger.read(eventId)).balances
  const proofOf = async (eventId: string) => {
    const lines = await stores.ledger.proofAfter(eventId, 0, 1_000)
    return lines.map(({ content }) => JSON.parse(content) as Record<string, unknown>)
  }
  const actions = () => database.auditEntries.where(null).map(({ action, after }) => [action, after])
  return { ...commands, create, rowOf, balancesOf, proofOf, actions }
}
