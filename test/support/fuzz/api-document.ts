/** The parts of a JSON schema, as OpenAPI 3.0 writes it, that requests are generated from. */
export interface Schema {
  $ref?: string
  type?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  format?: string
  enum?: unknown[]
  example?: unknown
  nullable?: boolean
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  anyOf?: Schema[]
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  schema?: Schema
}

interface Content {
  content?: Record<string, { schema?: Schema }>
}

export interface ApiOperation {
  /** Such as `POST /api/v1/events/{id}/holds`. */
  name: string
  method: string
  path: string
  parameters: Parameter[]
  /** Of the body in JSON; null: the document has none. */
  body: Schema | null
  /** By status or `default`. */
  responses: Record<string, Content>
}

interface DescribedOperation {
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content>
}

/** The response of `/docs-json`. */
export interface ApiDocument {
  paths: Record<string, Record<string, DescribedOperation>>
  components: { schemas: Record<string, Schema> }
}

export function operationsOf({ paths }: ApiDocument): ApiOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content?.['application/json']?.schema ?? null,
      responses,
    })),
  )
}

export function resolved(schema: Schema, { components }: ApiDocument): Schema {
  const name = schema.$ref?.split('/').at(-1)
  if (name === undefined) return schema
  const found = components.schemas[name]
  if (!found) throw new Error(`the document has no schema ${name}`)
  return found
}
