import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { ApiDocument, ApiOperation, Schema } from './api-document.js'

export interface Received {
  status: number
  contentType: string | null
  text: string
}

const JSON_TYPE = /^application\/([a-z]+\+)?json$/

/** Compares responses with what the document promises for their status. */
export class ResponseCheck {
  private readonly ajv = new Ajv({ strict: false, allErrors: true })
  private readonly compiled = new Map<string, ValidateFunction>()

  constructor(document: ApiDocument) {
    formats.default(this.ajv)
    const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(schema)])
    this.ajv.addSchema({ $id: 'api', components: { schemas: Object.fromEntries(schemas) } })
  }

  /** What differs; null: nothing. */
  problem({ name, responses }: ApiOperation, { status, contentType, text }: Received): string | null {
    const key = responses[status] ? String(status) : 'default'
    const described = responses[key]
    if (!described) return `the document has no status ${status}`
    if (key === 'default' && status < 400) return `the document has no status ${status}, which is no problem`
    const type = contentType?.split(';', 1)[0] ?? ''
    if (!described.content) return text === '' ? null : `the document has no body for status ${status}`
    const media = described.content[type]
    if (!media) return `the document has no ${type || 'body without a type'} for status ${status}`
    if (!JSON_TYPE.test(type) || !media.schema) return null
    const validate = this.validatorOf(`${name} ${key} ${type}`, media.schema)
    if (validate(JSON.parse(text))) return null
    return (validate.errors ?? [])
      .map(({ instancePath, message, params }) => `body${instancePath} ${message} ${JSON.stringify(params)}`)
      .join(', ')
      .slice(0, 500)
  }

  private validatorOf(key: string, schema: Schema): ValidateFunction {
    const known = this.compiled.get(key)
    if (known) return known
    const validate = this.ajv.compile(closed(schema))
    this.compiled.set(key, validate)
    return validate
  }
}

/** The JSON schema of an OpenAPI 3.0 schema whose objects have only the properties that are described. */
function closed(schema: Schema): object {
  const { nullable, $ref, items, properties, allOf, oneOf, anyOf, additionalProperties, example: _, ...rest } = schema
  const each = (schemas: Schema[] | undefined) => schemas?.map(closed)
  const isObject = properties !== undefined && additionalProperties === undefined
  const inner = {
    ...rest,
    ...($ref ? { $ref: $ref.replace('#/', 'api#/') } : {}),
    ...(items ? { items: closed(items) } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, closed(value)])) }
      : {}),
    ...(isObject ? { additionalProperties: false } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: closed(additionalProperties) } : {}),
    ...(typeof additionalProperties === 'boolean' ? { additionalProperties } : {}),
    ...(allOf ? { allOf: each(allOf) } : {}),
    ...(oneOf ? { oneOf: each(oneOf) } : {}),
    ...(anyOf ? { anyOf: each(anyOf) } : {}),
  }
  return nullable ? { anyOf: [inner, { type: 'null' }] } : inner
}
