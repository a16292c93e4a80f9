import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoorDto } from '../../../src/door/attendance/attendance.dto.js'
import { attendanceQuery } from '../../../src/door/attendance/attendance.js'
import { pageQuery } from '../../../src/door/attendees/attendees.js'
import { sortKey } from '../../../src/domain/people/name-key.js'
import { syntheticPeople } from '../../../src/domain/people/synthetic-people.test-support.js'
import { Prisma } from '../../../src/generated/prisma/client.js'
import type { Transaction } from '../../../src/infrastructure/prisma/transaction.js'
import { storeAttendees } from '../../support/fixtures/attendees.js'
import { Sales } from '../../support/fixtures/sales.js'

const SIZE = 10_000
const PAGE = 100
const PEOPLE = syntheticPeople(SIZE).holders.slice(0, SIZE)

let sales: Sales
let eventId: string

beforeAll(async () => {
  sales = await Sales.start()
  // Three other events of the same people: they must not be read.
  for (const event of ['a', 'b', 'c'])
    await storeAttendees(sales.prisma, await sales.event({ capacity: SIZE }), PEOPLE, event)
  eventId = await sales.event({ capacity: SIZE })
  await storeAttendees(sales.prisma, eventId, PEOPLE, 'own')
  await sales.prisma.$executeRaw`ANALYZE`
}, 120_000)
afterAll(() => sales?.stop())

interface Node {
  'Actual Rows': number
  'Rows Removed by Filter'?: number
  'Relation Name'?: string
  Plans?: Node[]
}

/** Number of tickets that the query reads. */
async function ticketsReadBy(query: Prisma.Sql, client: Transaction = sales.prisma): Promise<number> {
  const rows = await client.$queryRaw<{ 'QUERY PLAN': [{ Plan: Node }] }[]>`EXPLAIN (ANALYZE, FORMAT JSON) ${query}`
  const nodes = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodes)]
  const scans = rows.flatMap((row) => nodes(row['QUERY PLAN'][0].Plan))
  return scans
    .filter((node) => node['Relation Name'] === 'tickets')
    .reduce((sum, node) => sum + node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0), 0)
}

describe('The attendees of an event with 10,000 tickets', () => {
  it('are read from the index by name, as many as a page has', async () => {
    const keys = PEOPLE.map(({ name }) => sortKey(name)).toSorted()
    const middle = { key: keys[SIZE / 2] ?? '', orderId: '' }
    for (const after of [undefined, middle]) {
      expect(await ticketsReadBy(pageQuery(eventId, {}, PAGE, after))).toBeLessThan(2 * PAGE)
    }
  })

  it('are searched in those of the event at most', async () => {
    expect(await ticketsReadBy(pageQuery(eventId, { words: ['wei', 'okafor'] }, PAGE))).toBeLessThanOrEqual(SIZE)
  })

  it('are counted at the door in one pass over those of the event', async () => {
    await sales.prisma.$executeRaw`
      INSERT INTO check_ins (ticket_id, checked_in_at, user_id, recorded_at)
      SELECT id, now(), 'u', now() FROM tickets WHERE right(id, 1) <> '0'`
    await sales.prisma.$executeRaw`ANALYZE check_ins`
    const read = await sales.prisma.$transaction(async (client) => {
      // A quarter of a small table is cheaper to find by reading all of it.
      await client.$executeRaw`SET LOCAL enable_seqscan = off`
      return ticketsReadBy(attendanceQuery(eventId), client)
    })
    expect(read).toBe(SIZE)
    const { token } = sales.admin
    const { body } = await sales.service.call<DoorDto>('GET', `/events/${eventId}/door`, { token })
    expect(body.checkedIn).toBe(0.9 * SIZE)
  })

  it('are all found by going through the pages, by name', async () => {
    const { token } = sales.admin
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/events/${eventId}/attendees?limit=100${cursor && `&cursor=${cursor}`}`
      const { body } = await sales.service.call<{ items: { name: string }[]; nextCursor: string | null }>('GET', path, {
        token,
      })
      seen.push(...body.items.map(({ name }) => name))
      cursor = body.nextCursor
    }
    const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
    expect(seen).toEqual(PEOPLE.map(({ name }) => name).toSorted(inBytes))
  })
})
