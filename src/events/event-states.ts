import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { capacityOf, soldTotal } from '../domain/stock/ledger-account.js'
import { eventNotFound, StateConflict } from '../domain/errors.js'
import { eventState, hasEnded } from '../domain/events/event-state.js'
import { floorShare } from '../domain/stock/ratio.js'
import type { Channel, Event } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventUnknown, type LockedEvent } from '../stock/ledger.js'
import { Stock } from '../stock/stock.js'
import { eventDto, type EventDto } from './event-response.dto.js'
import { prismaOf } from '../infrastructure/prisma/transaction.js'
import { withChannels } from '../infrastructure/prisma/channel-rows.js'

export type StateAction = 'pause' | 'resume' | 'reopen' | 'close'
type Loaded = Event & { channels: Channel[] }
type Flags = Partial<Pick<Event, 'pausedSince' | 'closedSince' | 'redAlarmSince'>>

/** Pause, resume, reopen after a red alarm, close: changes the state, and with it the desired state of every channel. */
@Injectable()
export class EventStates {
  constructor(
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound; StateConflict when the event's state does not allow it. Repeating an action is no conflict. */
  async change(eventId: string, action: StateAction, user: AuthenticatedUser): Promise<EventDto> {
    const now = this.clock.now()
    const event = await this.locked(eventId, async (tx, before) => {
      const flags = flagsAfter(action, before, tx, now)
      const change = { where: { id: eventId }, data: flags, include: { channels: true } }
      const event = withChannels(await prismaOf(tx).event.update(change))
      await this.desired.replan(
        tx,
        event,
        event.channels,
        event.channels.some(({ desiredCap }) => desiredCap !== null),
      )
      const states = [{ state: eventState(before, now) }, { state: eventState(event, now) }] as const
      await this.audit.record(user.id, `event.${action}`, eventId, states[0], states[1], prismaOf(tx))
      return event
    })
    this.channels.wake(eventId)
    return eventDto(event, now)
  }

  private async locked<T>(eventId: string, work: (tx: LockedEvent, event: Loaded) => Promise<T>): Promise<T> {
    try {
      return await this.stock.transact(eventId, async (tx) => {
        const event = await prismaOf(tx).event.findUniqueOrThrow({
          where: { id: eventId },
          include: { channels: true },
        })
        return work(tx, event)
      })
    } catch (error) {
      if (error instanceof EventUnknown) throw eventNotFound()
      throw error
    }
  }
}

function flagsAfter(action: StateAction, event: Event, { balances }: LockedEvent, now: Date): Flags {
  if (event.closedSince && action !== 'close') throw new StateConflict('The event is permanently closed.')
  if (hasEnded(event, now) && action !== 'close') throw new StateConflict('The event has ended.')
  switch (action) {
    case 'pause':
      return event.pausedSince ? {} : { pausedSince: now }
    case 'resume':
      return { pausedSince: null }
    case 'close':
      return event.closedSince ? {} : { closedSince: now }
    case 'reopen': {
      const threshold = floorShare(event.softCapRatio, capacityOf(balances))
      const taken = soldTotal(balances) + balances.HELD
      if (event.redAlarmSince && taken >= threshold) {
        throw new StateConflict(
          `${taken} tickets are sold or held, and the soft cap is ${threshold}: raise the soft cap first.`,
        )
      }
      return { redAlarmSince: null }
    }
  }
}
