import { Injectable } from '@nestjs/common'

const HOUR_MS = 3_600_000

/** Deadlines, ms. Work that exceeds one is abandoned and reported, and does not block what follows. */
@Injectable()
export class RunLimits {
  /** A run that exceeds it is FAILED. A listing of 100,000 orders takes about two hours of a platform's budget. */
  runMs = 12 * HOUR_MS
  /** A channel that exceeds it is UNREADABLE, and the run continues. */
  channelMs = 4 * HOUR_MS
}
