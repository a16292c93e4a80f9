import { choice, InvalidSettingsError, milliseconds, number, Settings, type Rules } from '../settings.js'

/**
 * What happens to a call. `…AfterApply`: the change was made and its response is lost; the same name without it: nothing
 * was changed. `malformed`: the response is cut inside its JSON. `emptyObject`: a success without any field. `refusal`:
 * the platform's response to an invalid request; `unauthorized`, `forbidden`: to credentials without access.
 */
export const FAULT_NAMES = [
  'throttle',
  'serverError',
  'serverErrorAfterApply',
  'timeoutBeforeApply',
  'timeoutAfterApply',
  'connectionReset',
  'connectionResetAfterApply',
  'malformed',
  'emptyObject',
  'refusal',
  'unauthorized',
  'forbidden',
] as const
export type FaultName = (typeof FAULT_NAMES)[number]

/** A fault for certain calls, as opposed to the knobs, which affect calls at random. */
export interface Fault {
  fault: FaultName
  /** Which calls. */
  on: 'any' | 'read' | 'write'
  /** How many of these calls succeed before. */
  skip: number
  /** How many of them fail then. */
  calls: number
  /** With `timeoutBeforeApply`: as the knob of this name, for these calls; 0: as the knob. */
  lateApplyMs: number
}

const MAX_CALLS = 1_000_000
const MAX_FAULTS = 100

const RULES: Rules<Fault> = {
  fault: choice(...FAULT_NAMES),
  on: choice('any', 'read', 'write'),
  skip: number(0, { max: MAX_CALLS }),
  calls: number(MAX_CALLS, { min: 1, max: MAX_CALLS }),
  lateApplyMs: milliseconds(),
}

/** Faults of the next calls, in the order in which they were injected; the first one that applies is used up first. */
export class FaultScript {
  private faults: Fault[] = []

  /** Faults that have not been used up. */
  list(): Fault[] {
    return this.faults.map((fault) => ({ ...fault }))
  }

  /** Omitted fields: all calls from now on. @throws InvalidSettingsError */
  inject(input: unknown): Fault {
    const fault = { ...new Settings(RULES).patch(input) }
    if (!Object.hasOwn(Object(input) as object, 'fault')) {
      throw new InvalidSettingsError([{ field: 'fault', message: `must be one of ${FAULT_NAMES.join(', ')}` }])
    }
    if (this.faults.length >= MAX_FAULTS) {
      throw new InvalidSettingsError([{ field: 'fault', message: `more than ${MAX_FAULTS} faults` }])
    }
    this.faults.push(fault)
    return { ...fault }
  }

  clear(): void {
    this.faults = []
  }

  /** The fault of a call that has just arrived; null: none. */
  take(kind: 'read' | 'write'): Pick<Fault, 'fault' | 'lateApplyMs'> | null {
    const fault = this.faults.find(({ on }) => on === 'any' || on === kind)
    if (!fault) return null
    if (fault.skip > 0) {
      fault.skip -= 1
      return null
    }
    fault.calls -= 1
    if (fault.calls === 0) this.faults = this.faults.filter((other) => other !== fault)
    return fault
  }
}
