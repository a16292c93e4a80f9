/** A period in which a channel had tickets to sell. */
export interface OnSaleSpan {
  eventId: string
  /** The id of the channel, or DIRECT. */
  channelId: string
  openedAt: Date
  /** Not before `openedAt`; null: it is still on sale. */
  closedAt: Date | null
}

/** Rows of on-sale spans. A channel has at most one that is not closed. */
export abstract class OnSaleSpanStore {
  /** The newest spans of an event, at most `limit`, newest first; those of one instant by the ids of their channels. */
  abstract newest(eventId: string, limit: number): Promise<OnSaleSpan[]>

  /** The newest span of each channel of an event, in no particular order. */
  abstract latest(eventId: string): Promise<OnSaleSpan[]>

  /** Does nothing if the channel has a span that is not closed, or one that opened at the same instant. */
  abstract open(span: OnSaleSpan): Promise<void>

  /** Does nothing if the span is closed already. */
  abstract close(span: Pick<OnSaleSpan, 'eventId' | 'channelId' | 'openedAt'>, closedAt: Date): Promise<void>

  /**
   * Closes the spans of events that are paused, closed, stopped by the soft cap or no longer processed: at the first of
   * these instants or the event's end, and not before they opened.
   */
  abstract closeStopped(): Promise<void>
}
