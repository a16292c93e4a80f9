import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common'
import { ValidationFailed, type FieldError } from '../../../domain/errors.js'

/** Validates bodies and queries against their DTO; unknown fields are rejected. Errors name the field by its dotted path. */
export function createValidationPipe(): ValidationPipe {
  return new PresentFieldsPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const fields = flatten(errors)
      return new ValidationFailed(
        fields
          .map(({ message }) => message)
          .join('; ')
          .slice(0, 1000),
        { errors: fields },
      )
    },
  })
}

/**
 * Removes fields that were not sent, even if the class declares them: spreading a body must not override defaults. Also
 * removes query parameters without a value: `?cursor=&q=` requests the first page without a filter.
 */
class PresentFieldsPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const given = metadata.type === 'query' ? withoutEmpty(value) : value
    const body: unknown = await super.transform(given, metadata)
    dropUndefined(body)
    return body
  }
}

function withoutEmpty(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
}

function dropUndefined(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropUndefined)
  if (typeof value !== 'object' || value === null || value instanceof Buffer) return
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) Reflect.deleteProperty(value, name)
    else dropUndefined(field)
  }
}

function flatten(errors: readonly ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const field = parent === '' ? property : `${parent}.${property}`
    const { whitelistValidation, ...others } = constraints
    const messages = Object.values(others)
    if (whitelistValidation !== undefined) messages.push('is not a known field')
    const own = messages.length > 0 ? [{ field, message: describe(field, property, messages) }] : []
    return [...own, ...flatten(children, field)]
  })
}

/** Every message starts with the full path of its field. */
function describe(field: string, property: string, messages: readonly string[]): string {
  const bare = messages.map((message) =>
    message.startsWith(`${property} `) ? message.slice(property.length + 1) : message,
  )
  return `${field} ${bare.join(', ')}`
}
