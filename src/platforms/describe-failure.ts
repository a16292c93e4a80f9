import type { Failure } from './port.js'

/** Formats a failure as one line for operators: its kind, the platform's code and its message. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case 'THROTTLED':
      return `THROTTLED until ${failure.resumeAt.toISOString()}`
    case 'REJECTED':
      return `REJECTED ${failure.code}: ${failure.message}`
    case 'AUTH_FAILED':
    case 'FORBIDDEN':
    case 'GONE':
      return `${failure.kind}: ${failure.message}`
    default:
      return `${failure.kind}: ${failure.reason}`
  }
}
