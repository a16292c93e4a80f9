import {
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import { priceOf } from './price.js'

/** A parsed and validated request. */
export type Prepared =
  | {
      kind: 'OPERATION'
      name: string
      mutation: boolean
      price: number
      document: DocumentNode
      request: GraphqlRequest
    }
  | { kind: 'INVALID'; body: object }

interface GraphqlRequest {
  query: string
  variables: Record<string, unknown>
  operationName: string | undefined
}

const MAX_TOKENS = 5_000
const MAX_DOCUMENTS = 200

/** Valid documents by their text: clients repeat them, and validation takes longer than most of their execution. */
export type Documents = Map<string, DocumentNode>

/** Parses and validates a request. An invalid one gets a response with HTTP 200 and no `data`, as on Meetup. */
export function prepare(schema: GraphQLSchema, documents: Documents, body: unknown): Prepared {
  const request = requestOf(body)
  if (!request) return invalid([new GraphQLError('The body must be JSON with a query')], 'InvalidSyntax')
  let document = documents.get(request.query)
  if (!document) {
    try {
      document = parse(request.query, { maxTokens: MAX_TOKENS })
    } catch (error) {
      if (error instanceof GraphQLError) return invalid([error], 'InvalidSyntax')
      throw error
    }
    const errors = validate(schema, document)
    if (errors.length > 0) return invalid(errors, 'ValidationError')
    if (documents.size >= MAX_DOCUMENTS) documents.clear()
    documents.set(request.query, document)
  }
  const operation = getOperationAST(document, request.operationName)
  if (!operation) return invalid([new GraphQLError('Unknown operation')], 'ValidationError')
  return {
    kind: 'OPERATION',
    name: operation.name?.value ?? operation.operation,
    mutation: operation.operation === OperationTypeNode.MUTATION,
    price: priceOf(document, request.variables, request.operationName),
    document,
    request,
  }
}

/** Executes the operation and returns the body. An invalid variable is a validation error without `data`. */
export async function run(
  schema: GraphQLSchema,
  { document, request: { variables, operationName } }: Extract<Prepared, { kind: 'OPERATION' }>,
  rootValue: object,
): Promise<object> {
  const result: ExecutionResult = await execute({
    schema,
    document,
    rootValue,
    variableValues: variables,
    ...(operationName === undefined ? {} : { operationName }),
  })
  const { data, errors } = result
  if (!errors) return { data }
  const bug = errors.find(({ originalError }) => originalError && !(originalError instanceof GraphQLError))
  if (bug?.originalError && !(bug.originalError instanceof RangeError)) throw bug.originalError
  if (data === undefined) return bodyOf(errors, 'ValidationError')
  return { errors: errors.map((error) => error.toJSON()), data }
}

function invalid(errors: readonly GraphQLError[], classification: string): Prepared {
  return { kind: 'INVALID', body: bodyOf(errors, classification) }
}

function bodyOf(errors: readonly GraphQLError[], classification: string): object {
  return {
    errors: errors.map(({ message, locations }) => ({
      message,
      locations: locations ?? [],
      extensions: { classification },
    })),
  }
}

function requestOf(body: unknown): GraphqlRequest | null {
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string') return null
  const variables = 'variables' in body ? body.variables : null
  const operationName = 'operationName' in body ? body.operationName : null
  return {
    query: body.query,
    variables: typeof variables === 'object' && variables !== null ? { ...variables } : {},
    operationName: typeof operationName === 'string' ? operationName : undefined,
  }
}
