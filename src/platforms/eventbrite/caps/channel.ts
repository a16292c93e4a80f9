import type { CallContext, ChannelReading, ConfirmedState, Outcome } from '../../port.js'

/** A listing on Eventbrite: one ticket class, or the whole event. */
export interface EventbriteChannel {
  read(context: CallContext): Promise<Outcome<ChannelReading>>
  writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
  /** `cap`: tickets taken, as far as the caller knows. */
  close(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
  open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
}
