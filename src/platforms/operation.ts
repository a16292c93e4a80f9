import type { CallContext } from './port.js'

/** One operation of an adapter on its way through its calls. */
export interface OperationContext extends CallContext {
  /** Shared by its calls: whether one of them was answered, so that those after it must not be given up lightly. */
  progress: { begun: boolean }
}

/** A call, and the operation it belongs to; `progress` left out: it is one of its own. */
export type CallInOperation = CallContext & Partial<Pick<OperationContext, 'progress'>>

/** `begun`: it resumes where an earlier call stopped. */
export function operationOf(context: CallContext, begun = false): OperationContext {
  return { ...context, progress: { begun } }
}

/**
 * Whether a call waits for budget in place instead of being refused. A write abandoned half-way has to be repeated from its
 * first call; a read is refused, which releases the channel that it locks.
 */
export function continuesWrite({ fence, progress }: CallInOperation): boolean {
  return fence !== undefined && progress?.begun === true
}
