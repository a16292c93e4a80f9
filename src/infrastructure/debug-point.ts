/** Points at which a crash is most critical. Tests hook them to wait, throw or kill the process; without a hook they do nothing. */
export type DebugPoint =
  | 'after-gate-before-ledger'
  | 'after-ledger-before-acknowledge'
  | 'after-enqueue-before-response'
  | 'after-inbox-before-response'
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

/** Returns a function that removes the hook. */
export function onDebugPoint(name: DebugPoint, hook: Hook): () => void {
  hooks.set(name, hook)
  return () => hooks.delete(name)
}
