import { differingAccounts, unitsOf } from '../../src/domain/stock/ledger-account.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/**
 * I7: the gate never shows more than the ledger for its epoch: while no operation is on its way from one to the other they
 * are equal.
 */
export const gateInvariant: Invariant = (world) =>
  world.events.flatMap(({ id }) => {
    const gate = world.redis.gateOf(id)
    const ledger = world.database.ledgers.get(null, id)
    if (!gate || !ledger || gate.pending > 0 || gate.epoch !== ledger.epoch) return []
    const recorded = world.balancesOf(id)
    return differingAccounts(gate.balances, recorded).map((account) =>
      violation(
        'I7',
        `${id}: ${account} is ${unitsOf(gate.balances, account)} in the gate, ${unitsOf(recorded, account)} in the ledger`,
      ),
    )
  })
