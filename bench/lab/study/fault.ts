import type { Mutation } from '../../../simulation/mutations/mutation.js'

/** The planted fault of the negative control: what a platform may still sell under its cap counts as free. */
export const FAULT: Mutation = {
  name: 'exposure-ignores-caps',
  file: 'src/domain/caps/exposure.ts',
  find: 'return Math.max(known.confirmedCap, known.unconfirmedCap ?? 0, known.uncountedCap ?? 0, seatsTaken(known))',
  replace: 'return seatsTaken(known)',
}
