/** The windows in which a crash hurts most. Tests hook them to wait, throw or kill the process; else they do nothing. */
export type DebugPoint =
  | 'after-gate-before-ledger'
  | 'after-ledger-before-acknowledge'
  | 'after-enqueue-before-answer'
  | 'after-inbox-before-answer'
  | 'after-charge-before-record'
  | 'after-refund-before-record'
  | 'before-cap-write'
  | 'after-cap-write'
  | 'recovery-rebuild'
  | 'recovery-drain'
  | 'recovery-sweep'
  | 'recovery-caps'
  | 'recovery-reopen'

type Hook = () => void | Promise<void>

const hooks = new Map<DebugPoint, Hook>()

export async function debugPoint(name: DebugPoint): Promise<void> {
  await hooks.get(name)?.()
}

/** Answers a function that takes the hook out again. */
export function onDebugPoint(name: DebugPoint, hook: Hook): () => void {
  hooks.set(name, hook)
  return () => hooks.delete(name)
}
