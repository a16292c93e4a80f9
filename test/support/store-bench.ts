import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { MemoryDatabase } from '../../src/adapters/memory/memory-database.js'
import type { MemoryTable } from '../../src/adapters/memory/memory-table.js'
import { memoryStores } from '../../src/adapters/memory/stores.js'
import type { Stores } from '../../src/adapters/ports.js'
import { prismaStores } from '../../src/adapters/prisma/stores.js'
import type { Channel } from '../../src/domain/channel-record.js'
import type { Event } from '../../src/domain/event-record.js'
import { PrismaClient } from '../../src/generated/prisma/client.js'
import { newId } from '../../src/infrastructure/ids.js'
import { SystemClock, SystemTimers } from '../../src/infrastructure/time/system-time.js'
import { createTestDatabase } from './database.js'

/** Tables of `MemoryDatabase` and the models of Prisma with the same rows. */
const MODELS = {
  events: 'event',
  ledgers: 'eventLedger',
  balances: 'accountBalance',
  operations: 'stockOperation',
  movements: 'stockMovement',
  channels: 'channel',
  orders: 'order',
  tickets: 'ticket',
  quarantinedRecords: 'quarantinedRecord',
  modeTransitions: 'modeTransition',
  systemMode: 'systemMode',
  onSaleSpans: 'onSaleSpan',
  rebalanceMoves: 'rebalanceMove',
  mails: 'mail',
  inbox: 'inboxEntry',
  deliveries: 'webhookDelivery',
  sweeps: 'channelSweep',
  reconciliationRuns: 'reconciliationRun',
  reconciliationItems: 'reconciliationItem',
  stagedOrders: 'stagedOrder',
  storedValues: 'storedValue',
} as const satisfies Partial<Record<keyof MemoryDatabase, keyof PrismaClient>>

export type TableName = keyof typeof MODELS
type Row<T extends TableName> = ReturnType<MemoryDatabase[T]['where']>[number]

/** One implementation of the stores, with direct access to its rows. */
export interface StoreBench {
  stores: Stores
  insert<T extends TableName>(table: T, row: Row<T>): Promise<void>
  /** Changes all rows that contain these values. */
  change<T extends TableName>(table: T, matching: Partial<Row<T>>, change: Partial<Row<T>>): Promise<void>
  /** All rows of a table that contain these values. */
  rows<T extends TableName>(table: T, matching?: Partial<Row<T>>): Promise<Row<T>[]>
}

type Delegate = {
  create(args: { data: object }): Promise<unknown>
  updateMany(args: { where: object; data: object }): Promise<unknown>
  findMany(args: { where: object }): Promise<unknown[]>
}

/** Runs one suite for the stores in PostgreSQL and in memory: they must not differ. */
export function describeStores(title: string, suite: (bench: StoreBench) => void): void {
  describe(`${title} in PostgreSQL`, () => {
    let prisma: PrismaClient
    let drop: () => Promise<void>
    const bench = {} as StoreBench
    beforeAll(async () => {
      const database = await createTestDatabase()
      drop = () => database.drop()
      prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 5 }) })
      const delegate = (table: TableName) => prisma[MODELS[table]] as unknown as Delegate
      Object.assign(bench, {
        stores: prismaStores(prisma),
        insert: async (table: TableName, row: object) => void (await delegate(table).create({ data: row })),
        change: async (table: TableName, matching: object, change: object) =>
          void (await delegate(table).updateMany({ where: matching, data: change })),
        rows: (table: TableName, matching: object = {}) => delegate(table).findMany({ where: matching }),
      } satisfies Record<keyof StoreBench, unknown>)
    })
    afterAll(async () => {
      await prisma?.$disconnect()
      await drop?.()
    })
    suite(bench)
  })

  describe(`${title} in memory`, () => {
    const database = new MemoryDatabase(new SystemClock(), new SystemTimers())
    const contains = (row: object, matching: object) =>
      Object.entries(matching).every(([column, value]) => row[column as keyof typeof row] === value)
    suite({
      stores: memoryStores(database),
      insert: async (table, row) => database[table].insert(null, row as never),
      change: async (table, matching, change) => {
        const rows = database[table] as unknown as MemoryTable<object>
        rows.updateWhere(null, (row) => contains(row, matching), change)
      },
      rows: async (table, matching = {}) =>
        (database[table].where(null) as object[]).filter((row) => contains(row, matching)) as never,
    })
  })
}

const NOW = new Date('2026-11-20T12:00:00.000Z')

/** An event on sale that starts in a month. */
export function eventRow(change: Partial<Event> = {}): Event {
  return {
    id: newId('evt'),
    name: 'An event',
    venue: null,
    timezone: 'UTC',
    startsAt: new Date(NOW.getTime() + 30 * 86_400_000),
    endsAt: null,
    salesEndAt: null,
    capacity: 100,
    targetCapacity: 100,
    softCapRatio: 0.9,
    safetyStockRatio: 0.1,
    directWeight: 1,
    priceCents: null,
    currency: null,
    maxHeldPerCustomer: null,
    waitlistPolicy: 'MANUAL',
    seatCount: 0,
    redAlarmSince: null,
    pausedSince: null,
    closedSince: null,
    frozenSince: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  }
}

/** An imported channel of which nothing is known yet. */
export function channelRow(eventId: string, change: Partial<Channel> = {}): Channel {
  return {
    id: newId('chn'),
    eventId,
    platform: 'EVENTBRITE',
    externalEventId: newId('ext'),
    externalTicketClassId: null,
    weight: 1,
    desiredCap: null,
    desiredMode: 'OPEN',
    desiredVersion: 0,
    desiredAt: null,
    pausedSince: null,
    confirmedCap: null,
    capUnlimited: false,
    confirmedMode: 'UNKNOWN',
    confirmedVersion: 0,
    confirmedAt: null,
    pendingTickets: 0,
    platformSold: null,
    unconfirmedCap: null,
    unconfirmedSince: null,
    unconfirmedMode: null,
    writeSeq: 0,
    raisedAt: null,
    uncountedSince: null,
    uncountedCap: null,
    recountAt: null,
    recounts: 0,
    listingState: 'UNKNOWN',
    typeLimits: null,
    lastWebhookAt: null,
    lastPullAt: null,
    waitlistAvailable: null,
    syncError: null,
    listingCursor: null,
    needsSweepSince: null,
    importedAt: NOW,
    detachedAt: null,
    lastFailure: null,
    lastFailureAt: null,
    createdAt: NOW,
    ...change,
  }
}
