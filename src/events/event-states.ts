import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { committedTickets, softCapThreshold } from '../domain/events/soft-cap.js'
import { eventNotFound, StateConflict } from '../domain/errors.js'
import { eventState, hasEnded } from '../domain/events/event-state.js'
import type { Event } from '../domain/event-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { EventUnknown, type LockedEvent } from '../stock/ledger.js'
import { Stock } from '../stock/stock.js'

export type StateAction = 'pause' | 'resume' | 'reopen' | 'close'
type Flags = Partial<Pick<Event, 'pausedSince' | 'closedSince' | 'redAlarmSince'>>

/** Pause, resume, reopen after a red alarm, close: changes the state, and with it the desired state of every channel. */
@Injectable()
export class EventStates {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Returns the changed event. Throws NotFound; StateConflict when the event's state does not allow it. Repeating an action is no conflict. */
  async change(eventId: string, action: StateAction, user: AuthenticatedUser): Promise<EventWithChannels> {
    const now = this.clock.now()
    const event = await this.locked(eventId, async (tx, before) => {
      const beingPaid = await this.events.unitsBeingPaid(tx.transaction, eventId)
      const flags = flagsAfter(action, before, committedTickets(tx.balances, beingPaid), tx, now)
      await this.events.update(tx.transaction, eventId, flags)
      const event = { ...before, ...flags }
      await this.desired.replan(
        tx,
        event,
        event.channels,
        event.channels.some(({ desiredCap }) => desiredCap !== null),
      )
      const states = [{ state: eventState(before, now) }, { state: eventState(event, now) }] as const
      await this.audit.record(user.id, `event.${action}`, eventId, states[0], states[1], tx.transaction)
      return event
    })
    this.channels.wake(eventId)
    return event
  }

  private async locked<T>(
    eventId: string,
    work: (tx: LockedEvent, event: EventWithChannels) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.stock.transact(eventId, async (tx) =>
        work(tx, await this.events.withChannels(tx.transaction, eventId)),
      )
    } catch (error) {
      if (error instanceof EventUnknown) throw eventNotFound()
      throw error
    }
  }
}

/** `committed`: tickets that count for the soft cap. */
function flagsAfter(action: StateAction, event: Event, committed: number, { balances }: LockedEvent, now: Date): Flags {
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
      const threshold = softCapThreshold(event.softCapRatio, balances)
      if (event.redAlarmSince && committed >= threshold) {
        throw new StateConflict(
          `${committed} tickets are sold or being paid, and the soft cap is ${threshold}: raise the soft cap first.`,
        )
      }
      return { redAlarmSince: null }
    }
  }
}
