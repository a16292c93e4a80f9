import { LumaError } from '../errors.js'

type Fields = Record<string, unknown>

/** Reads the fields of a request. @throws LumaError 400 with the name of an invalid field */
export class Input {
  private readonly fields: Fields

  constructor(source: unknown) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      throw new LumaError(400, 'The body must be a JSON object')
    }
    this.fields = source as Fields
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined
  }

  value(name: string): unknown {
    return this.fields[name]
  }

  /** @throws LumaError 400 for fields other than these */
  only(names: readonly string[]): this {
    const unknown = Object.keys(this.fields).find((name) => !names.includes(name))
    if (unknown !== undefined) throw new LumaError(400, `Unrecognized key: "${unknown}"`)
    return this
  }

  text(name: string): string {
    return this.optionalText(name) ?? fail(name, 'is required')
  }

  optionalText(name: string): string | undefined {
    const value = this.fields[name] ?? undefined
    if (value === undefined || (typeof value === 'string' && value !== '')) return value
    return fail(name, 'must be a non-empty string')
  }

  flag(name: string): boolean | undefined {
    const value = this.fields[name] ?? undefined
    if (value === undefined || typeof value === 'boolean') return value
    return fail(name, 'must be true or false')
  }

  /** In a query string: `true` or `false` as text. */
  flagText(name: string): boolean {
    return this.optionalChoice(name, ['true', 'false']) === 'true'
  }

  integer(name: string): number | null | undefined {
    const value = this.fields[name]
    if (value === undefined || value === null) return value
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value
    return fail(name, 'must be a whole number or null')
  }

  /** In a query string: an integer as text. */
  integerText(name: string): number | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    return /^\d{1,9}$/.test(text) ? Number(text) : fail(name, 'must be a whole number')
  }

  optionalChoice<const T extends string>(name: string, options: readonly T[]): T | undefined {
    const value = this.fields[name] ?? undefined
    if (value === undefined) return undefined
    return options.find((option) => option === value) ?? fail(name, `must be one of ${options.join(', ')}`)
  }

  choice<const T extends string>(name: string, options: readonly T[]): T {
    return this.optionalChoice(name, options) ?? fail(name, 'is required')
  }

  list(name: string): unknown[] | undefined {
    const value = this.fields[name] ?? undefined
    if (value === undefined || Array.isArray(value)) return value
    return fail(name, 'must be a list')
  }

  instant(name: string): number | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    const instant = Date.parse(text)
    return Number.isNaN(instant) ? fail(name, 'must be an ISO 8601 time') : instant
  }
}

function fail(name: string, message: string): never {
  throw new LumaError(400, `${name} ${message}`)
}
