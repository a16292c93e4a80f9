/** Validates one input value; throws an Error whose message states what is accepted. */
export interface Rule<V> {
  readonly initial: V
  /** All values, where there are only a few; the first is the default. */
  readonly options?: readonly V[]
  parse(value: unknown): V
}

export type Rules<T> = { readonly [K in keyof T]: Rule<T[K]> }

export interface FieldError {
  field: string
  message: string
}

export class InvalidSettingsError extends Error {
  constructor(readonly errors: FieldError[]) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
  }
}

/** Named values that may be changed while a simulator runs: the fault knobs and a platform's toggles. */
export class Settings<T extends object> {
  private values: T

  constructor(
    private readonly rules: Rules<T>,
    overrides: Partial<T> = {},
  ) {
    const initial = Object.entries<Rule<unknown>>(rules).map(([field, rule]) => [field, rule.initial])
    this.values = Object.fromEntries(initial) as T
    this.patch(overrides)
  }

  /** The current values. Do not store the object: every patch replaces it. */
  get current(): Readonly<T> {
    return this.values
  }

  /** The values of each field that has only a few, the default first. */
  options(): Record<string, readonly unknown[]> {
    const rules = Object.entries<Rule<unknown>>(this.rules)
    return Object.fromEntries(rules.flatMap(([field, { options }]) => (options ? [[field, options]] : [])))
  }

  /** Applies all of the fields or none. @throws InvalidSettingsError naming every invalid or unknown field. */
  patch(input: unknown): Readonly<T> {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      throw new InvalidSettingsError([{ field: '', message: 'must be an object' }])
    }
    const rules: Record<string, Rule<unknown>> = this.rules
    const errors: FieldError[] = []
    const changed: Record<string, unknown> = {}
    for (const [field, value] of Object.entries(input)) {
      const rule = Object.hasOwn(rules, field) ? rules[field] : undefined
      try {
        if (!rule) throw new Error('is unknown')
        changed[field] = rule.parse(value)
      } catch (error) {
        errors.push({ field, message: error instanceof Error ? error.message : String(error) })
      }
    }
    if (errors.length > 0) throw new InvalidSettingsError(errors)
    this.values = { ...this.values, ...(changed as Partial<T>) }
    return this.values
  }
}

/** One of the options; the first is the default. */
export function choice<const V extends string | number | boolean>(...options: readonly [V, ...V[]]): Rule<V> {
  return {
    initial: options[0],
    options,
    parse: (value) => {
      const found = options.find((option) => option === value)
      if (found === undefined) throw new Error(`must be one of ${options.join(', ')}`)
      return found
    },
  }
}

export function number(initial: number, { min = 0, max = Number.MAX_SAFE_INTEGER, integer = true } = {}): Rule<number> {
  return {
    initial,
    parse: (value) => {
      const inRange = typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
      if (!inRange || (integer && !Number.isInteger(value))) {
        throw new Error(`must be a ${integer ? 'whole ' : ''}number from ${min} to ${max}`)
      }
      return value
    },
  }
}

export function flag(initial = false): Rule<boolean> {
  return {
    initial,
    options: [initial, !initial],
    parse: (value) => {
      if (typeof value !== 'boolean') throw new Error('must be true or false')
      return value
    },
  }
}

export const probability = (): Rule<number> => number(0, { max: 1, integer: false })

const DAY_MS = 86_400_000
export const milliseconds = (initial = 0): Rule<number> => number(initial, { max: DAY_MS })

/** An instant in ms since the epoch; RFC 3339 is accepted too. 0 means never. */
export function instant(): Rule<number> {
  const ms = number(0)
  return {
    initial: 0,
    parse: (value) => {
      const parsed = typeof value === 'string' ? Date.parse(value) : value
      if (Number.isNaN(parsed)) throw new Error('must be milliseconds since the epoch or an RFC 3339 time')
      return ms.parse(parsed)
    },
  }
}
