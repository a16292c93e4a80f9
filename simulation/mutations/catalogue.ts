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
    find: 'unconfirmedMode: mode, writeSeq: seq }',
    replace: 'unconfirmedMode: mode, writeSeq: seq, confirmedCap: Math.min(cap, channel.confirmedCap ?? cap) }',
  },
  {
    name: 'first-cap-uncovered',
    file: 'src/domain/caps/next-write.ts',
    find: 'const cap = Math.max(taken, covered)',
    replace: 'const cap = Math.max(taken, target)',
  },
  {
    name: 'absence-taken-for-zero',
    file: 'src/reconciliation/orders/absence-check.ts',
    find: 'await pause(SECOND_READING_DELAY_MS, signal, this.timers)',
    replace: "if (absent) return { kind: 'AGREED', removed: [...absent] }",
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
    find: 'await memoryTransaction(transaction)?.lock(this.database.ledgers.lockOf(eventId))',
    replace: '',
  },
  {
    // Neither because of the mode, nor because the sales since its start are to be read.
    name: 'fail-safe-closes-nothing',
    file: 'src/channels/channel-state.ts',
    find: 'return failSafe || needsSweep || paused',
    replace: 'return paused',
  },
  {
    // An empty gate is still loaded: otherwise nothing would work from the start.
    name: 'gate-not-rebuilt-after-redis-was-replaced',
    file: 'src/stock/gate/rebuild.ts',
    find: 'await this.gate.install(eventId, epoch, balances)',
    replace: 'if (gateEpoch === 0) await this.gate.install(eventId, epoch, balances)',
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
    // Expiry decides by the state that it read before it had the lock.
    name: 'expiry-races-a-confirmation',
    file: 'src/holds/hold-resolution.ts',
    find: 'const to = resolvedState(hold.state, hold.expiresAt <= now, request.action)',
    replace:
      "const to = resolvedState(request.action === 'expire' ? 'HELD' : hold.state, hold.expiresAt <= now, request.action)",
  },
  {
    name: 'late-payment-ignored',
    file: 'src/payments/processing/payment-processor.ts',
    find: "if (!paid) return outcome.kind === 'DECLINED'",
    replace: "if (paid || !paid) return paid || outcome.kind === 'DECLINED'",
  },
  {
    name: 'payment-recorded-before-it-is-received',
    file: 'src/payments/processing/payment-charge.ts',
    find: "if (outcome.kind === 'OPEN') return OPEN",
    replace: "if (outcome.kind === 'OPEN') outcome = { kind: 'PAID' }",
  },
  {
    name: 'refund-recorded-when-it-is-requested',
    file: 'src/payments/processing/payment-returns.ts',
    find: 'BigInt(refunded) < payment.amount',
    replace: 'BigInt(refunded + refundPending) < payment.amount',
  },
  {
    name: 'customer-limit-ignores-what-is-held',
    file: 'src/holds/creation/create-holds.ts',
    find: 'const current = unitsByCustomer.get(owner.id) ?? 0',
    replace: 'const current = 0',
  },
  {
    name: 'entry-offered-twice',
    file: 'src/waitlist/make-offers.ts',
    find: "if (entry.state !== 'WAITING') throw",
    replace: "if (entry.state === 'LEFT') throw",
  },
  {
    name: 'safety-stock-offered-to-the-waitlist',
    file: 'src/waitlist/make-offers.ts',
    find: "return holdAccounts('DIRECT',",
    replace: "return event.capacity > 0 ? ['SAFETY'] : holdAccounts('DIRECT',",
  },
  {
    name: 'waitlist-served-from-its-end',
    file: 'src/waitlist/make-offers.ts',
    find: 'const fitting = entries.filter(',
    replace: 'const fitting = entries.toReversed().filter(',
  },
  {
    // A person who joins while tickets are on sale gets them held for hours.
    name: 'offers-during-general-sale',
    file: 'src/waitlist/make-offers.ts',
    find: 'return onGeneralSale ? [] :',
    replace: 'return',
  },
  {
    name: 'offers-to-unverified-addresses',
    file: 'src/adapters/memory/waitlist/waitlist-store.ts',
    find: 'const isConfirmed = entry.verifiedAt !== null || !verifiedOnly',
    replace: 'const isConfirmed = true',
  },
  {
    // An entry that does not fit keeps the free units from those behind it.
    name: 'large-entry-blocks-the-waitlist',
    file: 'src/adapters/memory/waitlist/waitlist-store.ts',
    find: 'if (entry.quantity > maxQuantity) continue',
    replace: 'if (entry.quantity > maxQuantity) break',
  },
  {
    // The request moves the units, which another user has yet to approve.
    name: 'safety-stock-released-on-request',
    file: 'src/safety-stock/safety-releases.ts',
    find: "await this.audit.record(\n        user.id,\n        'safety-stock.release.request',",
    replace:
      "await tx.post({ id: `safety-release:${release.id}:approved`, postings: [{ quantity, sources: ['SAFETY'], destination: allocated({ id: channelId }) }], reason: 'safety stock release', actor: user.email, onInsufficient: 'skip' })\n      await this.audit.record(\n        user.id,\n        'safety-stock.release.request',",
  },
  {
    // Neither by the gate's reply nor when it is recorded.
    name: 'epoch-not-checked',
    file: 'src/stock/stock-transaction.ts',
    find: "if (result.epoch !== epoch) throw new GateOutOfSync(result.epoch, 'stale')",
    replace: '',
    also: [{ file: 'src/stock/ledger.ts', find: "if (entry.epoch !== epoch) return 'STALE'", replace: '' }],
  },
  {
    name: 'settle-window-from-the-begin-of-a-write',
    file: 'src/adapters/memory/channels/channel-store.ts',
    find: '{ unconfirmedSince: at },',
    replace: '{},',
  },
  {
    name: 'platform-count-forgotten-on-a-cancellation',
    file: 'src/adapters/memory/orders/recount-requests.ts',
    find: 'recounts: 0 }),',
    replace: 'recounts: 0, platformSold: null, pendingTickets: 0 }),',
  },
  {
    name: 'carts-counted-after-sales',
    file: 'src/platforms/luma/caps/channel-reading.ts',
    find: 'ports.seats.count(eventId, [IN_CHECKOUT, SOLD], context)',
    replace: 'ports.seats.count(eventId, [SOLD, IN_CHECKOUT], context)',
  },
  {
    name: 'reported-sale-counted-only-once-it-is-read',
    file: 'src/inbound/route/hint-router.ts',
    find: 'if (state === null && snapshot && isLive(snapshot)) {',
    replace: 'if (state === null && snapshot && isLive(snapshot) && channels.length === 0) {',
  },
  {
    name: 'derived-count-trusted-although-orders-lack-in-it',
    file: 'src/channels/recount.ts',
    find: '(counted >= recorded && !hasUnreadDelivery(channel, asOf))',
    replace: '!hasUnreadDelivery(channel, recorded < counted ? asOf : asOf)',
  },
  {
    name: 'throttled-step-restarts-its-operation',
    file: 'src/platforms/operation.ts',
    find: 'return (fence !== undefined || continuation !== undefined) && progress?.started === true',
    replace: 'return false',
  },
  {
    name: 'older-confirmation-taken-for-the-newest',
    file: 'src/channels/sync/cap-write-journal.ts',
    find: 'return current.writeSeq !== seq || current.confirmedVersion > version',
    replace: 'return false',
  },
  {
    name: 'late-confirmation-of-a-settled-write',
    file: 'src/channels/channel-updates.ts',
    find: 'if (now.getTime() >= landedBy && shownAt.getTime() < landedBy) return null',
    replace: 'void [now.getTime() >= landedBy, shownAt]',
  },
  {
    // Not even after the time of a call, within which whatever was recorded before still covers it.
    name: 'superseded-write-sent',
    file: 'src/adapters/memory/channels/channel-store.ts',
    find: '(row) => row.writeSeq === seq && row.desiredVersion === desiredVersion && row.confirmedVersion <= desiredVersion,',
    replace: '() => true,',
    also: [
      {
        file: 'src/platforms/http/axios-platform-http.ts',
        find: 'if (passedMs >= this.callMs) return OVERDUE\n      const exchange = await this.exchangeOn(this.connections.fresh, request, signal)',
        replace:
          'void [passedMs, signal, OVERDUE]\n      const exchange = await this.withinCallTime((own) => this.exchangeOn(this.connections.fresh, request, own))',
      },
    ],
  },
  {
    name: 'cancelled-safety-stock-returned-to-free-units',
    file: 'src/payments/cancellation/order-cancellation.ts',
    find: 'cancellationPostings(quantity, hold?.fromSafety ?? quantity)',
    replace: 'cancellationPostings(quantity, hold?.fromSafety ?? 0)',
  },
  {
    // An order that was cancelled without a refund is cancelled again with one.
    name: 'refund-of-a-repeated-cancellation-ignored',
    file: 'src/payments/cancellation/order-cancellation.ts',
    find: 'const paymentId = refund ?',
    replace: 'const paymentId = refund && isPlaced ?',
  },
  {
    name: 'seats-of-a-cancelled-order-kept',
    file: 'src/payments/cancellation/order-cancellation.ts',
    find: 'if (hold) await this.seats.release(transaction, [hold])',
    replace: '',
  },
  {
    // Each request returns its units, under an id of its own.
    name: 'order-returned-twice',
    file: 'src/payments/cancellation/order-cancellation.ts',
    find: "const isPlaced = order.state === 'PLACED'",
    replace: 'const isPlaced = true',
    also: [
      {
        file: 'src/payments/cancellation/order-cancellation.ts',
        find: 'id: `order:${orderId}:cancelled`,',
        replace: 'id: `order:${orderId}:cancelled:${this.clock.now().getTime()}`,',
      },
      {
        file: 'src/payments/cancellation/order-cancellation.ts',
        find: '{ id: orderId, quantity }: RecordedDirectOrder,',
        replace: '{ id: orderId }: RecordedDirectOrder,',
      },
      {
        file: 'src/payments/cancellation/order-cancellation.ts',
        find: 'const hold = await this.holds.ofOrder(transaction, orderId)',
        replace:
          'const hold = await this.holds.ofOrder(transaction, orderId)\n    const quantity = hold?.quantity ?? 1',
      },
    ],
  },
  {
    // An opening that was lost may open it without the limit that closing removes.
    name: 'closed-without-a-limit-while-an-opening-may-land',
    file: 'src/platforms/meetup/closing/mode-writer.ts',
    find: 'if (context.unsettled === true && !hybrid) return',
    replace: 'if (context.unsettled === true && hybrid === null) return',
  },
  {
    name: 'check-in-that-is-reported-first-counts',
    file: 'src/door/check-ins/check-in-rule.ts',
    find: 'other === null || (at !== null && at < other)',
    replace: 'other === null',
  },
  {
    name: 'repeated-scan-lets-in-another-person',
    file: 'src/door/check-ins/check-ins.ts',
    find: 'valid.find(isRepeated) ?? ',
    replace: '',
  },
  {
    name: 'cancelled-ticket-let-in',
    file: 'src/door/check-ins/check-ins.ts',
    find: "if (ticket.state !== 'VALID') return",
    replace: "if (ticket.state !== 'VALID' && ticket.id === '') return",
  },
  {
    name: 'check-in-on-the-platform-not-recorded',
    file: 'src/orders/ticket-details.ts',
    find: 'externalCheckedInAt: checkedInAt && (recorded.externalCheckedInAt ?? checkedInAt),',
    replace: 'externalCheckedInAt: recorded.externalCheckedInAt,',
  },
  {
    name: 'attended-holds-no-seat',
    file: 'src/platforms/meetup/client/operations.ts',
    find: "'YES_PENDING_PAYMENT', 'ATTENDED', ",
    replace: "'YES_PENDING_PAYMENT', ",
  },
  {
    name: 'walk-in-counted-with-each-retry',
    file: 'src/door/walk-ins/walk-ins.ts',
    find: 'idempotencyKey: idempotencyOf(key, content)?.key ?? null,',
    replace: 'idempotencyKey: null,',
  },
  {
    name: 'replaced-credentials-not-used',
    file: 'src/connections/connection-loader.ts',
    find: 'if (known && JSON.stringify(this.loaded.get(id)?.secrets) === JSON.stringify(secrets)) {',
    replace: 'if (known) {',
  },
  {
    // The refusal of one account blocks the listings of another.
    name: 'calls-by-another-account-of-the-platform',
    file: 'src/platforms/platforms.ts',
    find: 'return this.connection(connectionId).adapter',
    replace:
      'const { platform } = this.connection(connectionId)\n    return (this.all().findLast((one) => one.platform === platform) ?? this.connection(connectionId)).adapter',
  },
]
