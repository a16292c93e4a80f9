import { Injectable } from '@nestjs/common'

const HOUR_MS = 3_600_000

/** Deadlines of a run, ms. What reaches one is left, told of, and blocks nothing behind it. */
@Injectable()
export class RunLimits {
  /** Then a run is FAILED. A listing of 100,000 orders needs about two hours of a platform's budget. */
  runMs = 12 * HOUR_MS
  /** Then a channel is UNREADABLE, and the next one follows. */
  channelMs = 4 * HOUR_MS
}
