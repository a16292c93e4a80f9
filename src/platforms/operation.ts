import type { CallContext } from './port.js'

/** Context of an adapter operation that takes several calls. */
export interface OperationContext extends CallContext {
  /**
   * Shared by its calls. `started`: one of them got a response, so abandoning the operation would waste it. `resumed`: it
   * uses the responses of an earlier one that ran out of budget.
   */
  progress: { started: boolean; resumed?: boolean }
}

/** Context of one call; `progress` absent: the call is an operation of its own. */
export type CallInOperation = CallContext & Partial<Pick<OperationContext, 'progress'>>

/** `started`: the operation resumes where an earlier call stopped. */
export function operationOf(context: CallContext, started = false): OperationContext {
  return { ...context, progress: { started: started || context.continuation === true } }
}

/**
 * For a request with a cap of its own: where sales prevent the cap of the operation, an adapter writes a higher one. It
 * is recorded before it is sent, since the request may be lost and land later.
 */
export function sendingCap<T extends CallContext>(context: T, cap: number): T {
  const { fence } = context
  if (!fence) return context
  return { ...context, fence: { beforeSend: () => fence.beforeSend(cap), responded: () => fence.responded?.() } }
}

/**
 * Priority of a call among others that wait for budget. An operation that has started precedes those of its lane that have
 * not: otherwise each of its calls would queue again behind all of them. `waits`: for budget in place.
 */
export function turnOf(context: CallInOperation): { continues: boolean; waits: boolean } {
  const { started = false, resumed = false } = context.progress ?? {}
  return { continues: started || resumed, waits: waitsInPlace(context) }
}

/**
 * Whether a call waits for budget in place instead of being refused. A write, an import or a read of several
 * pages abandoned half-way has to be repeated from its first call: under a small budget it would never end. A read of one
 * page is refused, which releases the lock on its channel.
 */
function waitsInPlace({ fence, continuation, progress }: CallInOperation): boolean {
  return (fence !== undefined || continuation !== undefined) && progress?.started === true
}
