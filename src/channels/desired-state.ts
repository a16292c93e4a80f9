import { Injectable, Optional } from '@nestjs/common'
import { allocated, capacityOf, sold, unitsOf } from '../domain/stock/ledger-account.js'
import type { CapPlan } from '../domain/caps/cap-plan.js'
import { withheldOf } from '../domain/caps/withheld-units.js'
import { AllocationPolicy, REBALANCING } from '../domain/rebalancing/allocation-policy.js'
import { DIRECT, type ChannelMode } from '../domain/channel.js'
import { eventState } from '../domain/events/event-state.js'
import type { Posting } from '../domain/stock/posting.js'
import type { Channel } from '../domain/channel-record.js'
import type { Event } from '../domain/event-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { spanEvent } from '../infrastructure/tracing/spans.js'
import type { LockedEvent } from '../stock/ledger.js'
import type { PostRequest } from '../stock/stock-transaction.js'
import { byListingOrder, channelStateOf, mayPlatformsSellFreeUnits } from './channel-state.js'
import { ChannelStore } from './channel-store.js'
import { recountForDesired } from './recount.js'

interface CapAndMode {
  cap: number | null
  mode: ChannelMode
}

/** The desired cap and mode of each channel: caps by weight while on sale, else waitlist only on every platform. */
@Injectable()
export class DesiredState {
  constructor(
    private readonly channels: ChannelStore,
    private readonly clock: Clock,
    @Optional() private readonly policy: AllocationPolicy = REBALANCING,
  ) {}

  /**
   * Replans the event's channels and versions what changed, within the caller's locked transaction. `keepCaps`: only
   * modes follow the event's state; desired caps stay. Channels not imported yet keep their share but get no desired
   * state. Returns the ids that changed.
   */
  async replan(locked: LockedEvent, event: Event, channels: readonly Channel[], keepCaps = false): Promise<string[]> {
    const caps = keepCaps ? null : this.plan(locked, event, channels).caps
    const changed: string[] = []
    for (const channel of channels) {
      if (!channel.importedAt || channel.detachedAt) continue
      const cap = caps?.get(channel.id) ?? channel.desiredCap
      if (await this.setDesired(locked, channel, { cap, mode: this.modeOf(event, cap) })) changed.push(channel.id)
    }
    return changed
  }

  /** Replans one channel and leaves the desired state of the others. */
  async replanOne(locked: LockedEvent, event: Event, channels: readonly Channel[], channel: Channel): Promise<void> {
    const cap = this.plan(locked, event, channels).caps.get(channel.id) ?? channel.desiredCap
    if (channel.importedAt) await this.setDesired(locked, channel, { cap, mode: this.modeOf(event, cap) })
  }

  /** Lowers a desired cap above the organizer's limit to it, and reopens a channel whose limit was 0. */
  async applyLimit(locked: LockedEvent, event: Event, channels: readonly Channel[], channel: Channel): Promise<void> {
    const { desiredCap, maxUnits } = channel
    if (!channel.importedAt || desiredCap === null) return
    const cap = Math.min(desiredCap, Math.max(maxUnits ?? Infinity, unitsOf(locked.balances, sold(channel))))
    if (desiredCap === 0) await this.replanOne(locked, event, channels, channel)
    else if (cap < desiredCap) await this.setDesired(locked, channel, { cap, mode: this.modeOf(event, cap) })
  }

  /** Sets one channel's desired cap and mode. False: unchanged. */
  async setDesired(locked: LockedEvent, channel: Channel, { cap, mode }: CapAndMode): Promise<boolean> {
    if (channel.desiredCap === cap && channel.desiredMode === mode) return false
    const { transaction, balances } = locked
    const now = this.clock.now()
    await this.channels.setDesired(transaction, channel.id, { cap, mode }, now)
    const state = { ...channelStateOf(channel, balances), desiredCap: cap, desiredMode: mode }
    const recount = recountForDesired(channel, state, now)
    if (recount) await this.channels.update(transaction, channel.id, recount)
    locked.prove({ kind: 'DESIRED', channel: channel.id, cap, mode })
    spanEvent('desired state changed', {
      'traffic_police.platform': channel.platform,
      'traffic_police.mode': mode,
      ...(cap === null ? {} : { 'traffic_police.cap': cap }),
    })
    return true
  }

  /** Allocates the direct channel's share of the free units, or releases what exceeds it. */
  directShare(locked: LockedEvent, event: Event, channels: readonly Channel[], actor: string | null): PostRequest {
    const { direct } = this.plan(locked, event, channels)
    const { balances } = locked
    const free = unitsOf(balances, allocated(DIRECT))
    const own = free + unitsOf(balances, sold(DIRECT)) + balances.HELD
    const unallocated = balances.UNALLOCATED - withheldOf(event, balances)
    const lacking = mayPlatformsSellFreeUnits(channels, balances) ? 0 : Math.min(direct - own, unallocated)
    const surplus = Math.min(own - direct, free)
    const postings: Posting[] = []
    if (lacking > 0) postings.push({ quantity: lacking, sources: ['UNALLOCATED'], destination: allocated(DIRECT) })
    if (surplus > 0) postings.push({ quantity: surplus, sources: [allocated(DIRECT)], destination: 'UNALLOCATED' })
    return { postings, reason: 'direct share', actor, onInsufficient: 'skip' }
  }

  private modeOf(event: Event, cap: number | null): ChannelMode {
    return cap !== 0 && eventState(event, this.clock.now()) === 'ON_SALE' ? 'OPEN' : 'WAITLIST_ONLY'
  }

  /** Safety stock, and what was freed from it, is not distributed. */
  private plan({ balances }: LockedEvent, event: Event, channels: readonly Channel[]): CapPlan {
    const target = Math.min(event.targetCapacity, capacityOf(balances))
    return this.policy.split(
      Math.max(0, target - balances.SAFETY - withheldOf(event, balances)),
      // In a stable order, so that an odd unit always goes to the same channel.
      byListingOrder(channels).map(({ id, weight, maxUnits, pausedSince, detachedAt }) => ({
        id,
        maxUnits,
        // The share of a paused or detached channel goes to the others.
        weight: pausedSince || detachedAt ? 0 : weight,
        sold: unitsOf(balances, sold({ id })),
      })),
      { weight: event.directWeight, sold: unitsOf(balances, sold(DIRECT)), held: balances.HELD },
    )
  }
}
