import { describe, expect, it } from 'vitest'
import type { Person } from '../../support/fixtures/sales.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { holder, openDoorStage } from '../../support/fixtures/door.js'

const stage = openDoorStage()
const { openChannel, sell, buy, attendees } = stage

describe('Duplicate people', () => {
  const duplicates = (query = '', by: Person = stage.sales.operator) =>
    stage.sales.service.call<{ items: Record<string, unknown>[]; nextCursor: string | null; seats: object }>(
      'GET',
      `/events/${stage.eventId}/duplicates${query}`,
      { token: by.token },
    )

  it('are those with one verified address on several channels, and perhaps those with one name', async () => {
    const [luma, eventbrite] = [await openChannel('LUMA'), await openChannel('EVENTBRITE')]
    await sell(luma, 'LUMA', [holder('Cy Example', 'CY@example.com'), holder('Cy Example', 'CY@example.com')])
    await sell(eventbrite, 'EVENTBRITE', [holder('C. Example', 'cy@example.com')])
    await sell(eventbrite, 'EVENTBRITE', [holder('Maria Silva', 'maria@example.com')])
    await sell(await openChannel('MEETUP'), 'MEETUP', [holder('silva maria')])
    await buy('Another Guest')
    const { status, body } = await duplicates()
    expect(status).toBe(200)
    expect(body.items).toMatchObject([
      {
        certainty: 'certain',
        by: 'EMAIL',
        seats: 1,
        attendees: [{ platform: 'LUMA', tickets: 2 }, { platform: 'EVENTBRITE' }],
      },
      {
        certainty: 'possible',
        by: 'NAME',
        seats: 1,
        attendees: [{ name: 'Maria Silva' }, { name: 'silva maria', email: null }],
      },
    ])
    expect(body.seats).toEqual({ certain: 1, possible: 1 })
    const list = (await attendees()).body.items
    const marks = list.map(({ name, duplicateOf, duplicateCertainty }) => {
      return [name, list.find(({ id }) => id === duplicateOf)?.name ?? null, duplicateCertainty]
    })
    expect(marks).toEqual([
      ['Another Guest', null, null],
      ['C. Example', 'Cy Example', 'certain'],
      ['Cy Example', null, null],
      ['Maria Silva', null, null],
      ['silva maria', 'Maria Silva', 'possible'],
    ])
    const page = await duplicates('?limit=1')
    const next = await duplicates(`?limit=1&cursor=${page.body.nextCursor}`)
    expect([...page.body.items, ...next.body.items]).toEqual(body.items)
    expect(next.body.nextCursor).toBeNull()
    for (const by of [stage.door, stage.viewer]) expect((await duplicates('', by)).status).toBe(403)
    expect((await duplicates('?cursor=x')).status).toBe(400)
  })

  it('are not those with tickets of two types of one listing', async () => {
    const [general, vip] = [await openChannel('LUMA'), await openChannel('LUMA')]
    const listing = { externalEventId: newId('ext') }
    await stage.sales.prisma.channel.updateMany({ where: { id: { in: [general, vip] } }, data: listing })
    for (const channel of [general, vip]) await sell(channel, 'LUMA', [holder('Cy Example', 'cy@example.com')])
    expect((await duplicates()).body.items).toEqual([])
    await sell(await openChannel('LUMA'), 'LUMA', [holder('Cy Example', 'cy@example.com')])
    expect((await duplicates()).body.items).toMatchObject([{ certainty: 'certain', seats: 1 }])
  })

  it('are certain for the address of a direct account, and possible for one that was entered', async () => {
    const luma = await openChannel('LUMA')
    await sell(luma, 'LUMA', [holder('Lu One', stage.sales.customer.email)])
    await sell(luma, 'LUMA', [holder('Lu Two', 'entered@example.com')])
    await buy('Ada', { email: stage.sales.customer.email })
    await buy('Bo', { email: 'entered@example.com' })
    expect((await duplicates()).body.items).toMatchObject([
      { certainty: 'certain', by: 'EMAIL', name: 'Lu One' },
      { certainty: 'possible', by: 'EMAIL', name: 'Lu Two' },
    ])
  })
})
