import type { Mutation } from './mutation.js'

/** Faults that the simulation must find. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'exposure-ignores-writes-in-flight',
    file: 'src/domain/caps/exposure.ts',
    find: 'known.unconfirmedCap ?? 0, ',
    replace: '',
  },
  {
    name: 'shrink-counts-before-it-is-confirmed',
    file: 'src/channels/sync/cap-write-journal.ts',
    find: '      unconfirmedMode: mode,\n      writeSeq: seq,',
    replace:
      '      unconfirmedMode: mode,\n      confirmedCap: Math.min(cap, channel.confirmedCap ?? cap),\n      writeSeq: seq,',
  },
  {
    name: 'platform-count-forgotten-on-a-cancellation',
    file: 'src/adapters/memory/orders/recount-requests.ts',
    find: 'recounts: 0 }),',
    replace: 'recounts: 0, platformSold: null, pendingTickets: 0 }),',
  },
  {
    name: 'first-cap-uncovered',
    file: 'src/domain/caps/next-write.ts',
    find: 'const cap = Math.max(taken, covered)',
    replace: 'const cap = Math.max(taken, target)',
  },
  {
    // Not from the time at which its request is sent, after it may have waited for budget.
    name: 'settle-window-from-the-begin-of-the-write',
    file: 'src/channels/sync/write-fence.ts',
    find: '    private readonly clock: Clock,\n  ) {}',
    replace:
      '    clock: Clock,\n  ) {\n    const startedAt = clock.now()\n    this.clock = { now: () => startedAt }\n  }',
  },
  {
    // Both guards, of the stock transaction and of the ledger: each suffices.
    name: 'epoch-check-off',
    file: 'src/stock/stock-transaction.ts',
    find: "if (result.epoch !== epoch) throw new GateOutOfSync(result.epoch, 'stale')",
    replace: 'if (result.epoch !== epoch) result.epoch = epoch',
  },
  {
    name: 'absence-taken-for-zero',
    file: 'src/reconciliation/orders/absence-check.ts',
    find: 'await pause(SECOND_READING_DELAY_MS, signal, this.timers)',
    replace: "if (absent) return { kind: 'AGREED', removed: [...absent] }",
  },
  {
    name: 'carts-read-after-sold',
    file: 'src/platforms/luma/caps/channel-reading.ts',
    find: '[IN_CHECKOUT, SOLD]',
    replace: '[SOLD, IN_CHECKOUT]',
  },
  {
    name: 'duplicate-order-counted-twice',
    file: 'src/domain/orders/order-difference.ts',
    find: 'const wasLive = before.get(ticketId)',
    replace: 'const wasLive = undefined as boolean | undefined',
  },
  {
    name: 'replayed-delivery-counted',
    file: 'src/orders/order-applier.ts',
    find: 'const delta = difference?.delta ?? 0',
    replace: 'const delta = difference?.delta || snapshot.tickets.filter(({ live }) => live).length',
  },
  {
    name: 'ledger-not-locked',
    file: 'src/adapters/memory/stock/ledger-store.ts',
    find: 'await transaction.lock(this.database.ledgers.lockOf(eventId))',
    replace: '',
  },
  {
    name: 'throttled-step-restarts-the-write',
    file: 'src/platforms/operation.ts',
    find: 'return fence !== undefined && progress?.started === true',
    replace: 'return false',
  },
  {
    name: 'older-version-lands',
    file: 'src/channels/sync/write-fence.ts',
    find: 'const current = (await this.stamp()) && !(await this.isForbidden()) && !this.lost.aborted',
    replace: 'await this.stamp()\n    const current = true',
  },
  {
    // Neither the emergency closing nor the syncs of the channels.
    name: 'fail-safe-closes-nothing',
    file: 'src/channels/channel-state.ts',
    find: 'return failSafe || needsSweep || paused',
    replace: 'return needsSweep || paused',
  },
  {
    name: 'gate-of-a-replaced-redis-in-use',
    file: 'src/adapters/memory/stock/memory-gate-state.ts',
    find: "if (loaded?.run !== run) return { kind: 'NOT_LOADED' }",
    replace: "if (!loaded) return { kind: 'NOT_LOADED' }",
  },
  {
    name: 'unread-sales-under-an-earlier-cap-ignored',
    file: 'src/domain/caps/exposure.ts',
    find: 'known.uncountedCap ?? 0, ',
    replace: '',
  },
  {
    name: 'platform-count-ignored',
    file: 'src/domain/caps/exposure.ts',
    find: 'return Math.max(sold, platformCount(known), withCarts)',
    replace: 'return sold',
  },
  {
    name: 'lost-write-settled-while-it-may-land',
    file: 'src/channels/reading/due-reading.ts',
    find: 'now.getTime() - CALL_LIMIT_MS - settleMs',
    replace: 'now.getTime()',
  },
  {
    name: 'epoch-not-raised-by-a-rebuild',
    file: 'src/stock/gate/rebuild.ts',
    find: 'const raised = Math.max(ledger.epoch, gateEpoch) + 1',
    replace: 'const raised = ledger.epoch',
  },
  {
    name: 'raise-sent-without-its-units',
    file: 'src/channels/sync/cap-write-journal.ts',
    find: 'const covered = write.units === 0 || (await tx.post(growth(channel, write.units))) !== null',
    replace: 'const covered = true',
  },
  {
    name: 'sales-go-on-without-redis',
    file: 'src/system-mode/system-mode.ts',
    find: "this.watch.unavailable || this.stored?.mode !== 'NORMAL' ? 'FAIL_SAFE' : 'NORMAL'",
    replace: "this.stored === null ? 'FAIL_SAFE' : 'NORMAL'",
  },
  {
    name: 'rate-limits-ignored',
    file: 'src/platforms/http/admission.ts',
    find: 'const permit = await limiter.acquire(budget, weight, lane, turn)',
    replace: "const permit: Permit = { granted: true, reservation: 'none' }",
  },
]
