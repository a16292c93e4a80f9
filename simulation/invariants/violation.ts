export interface Violation {
  /** E.g. `I4`, or a rule's short name. */
  invariant: string
  detail: string
}

export const violation = (invariant: string, detail: string): Violation => ({ invariant, detail })
