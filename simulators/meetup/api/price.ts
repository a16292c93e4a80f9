import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

const QUERY_POINTS = 5
const ROWS_PER_POINT = 5
const MUTATION_POINTS = 10
const MAX_DEPTH = 20

/**
 * The price of an operation in points. Meetup publishes no prices; these are assumptions: 5 for a query plus 1 for every
 * 5 rows that its connections request, and 10 for a mutation.
 */
export function priceOf(document: DocumentNode, variables: Record<string, unknown>, operationName?: string): number {
  const operation = getOperationAST(document, operationName)
  if (!operation) return QUERY_POINTS
  if (operation.operation === OperationTypeNode.MUTATION) return MUTATION_POINTS
  const fragments = new Map(
    document.definitions.flatMap((node): [string, FragmentDefinitionNode][] =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
  return QUERY_POINTS + Math.floor(rowsOf(operation.selectionSet, variables, fragments, 0) / ROWS_PER_POINT)
}

function rowsOf(
  { selections }: SelectionSetNode,
  variables: Record<string, unknown>,
  fragments: Map<string, FragmentDefinitionNode>,
  depth: number,
): number {
  if (depth > MAX_DEPTH) return 0
  return selections.reduce((sum, node) => {
    const ownRows = node.kind === Kind.FIELD && node.selectionSet ? firstOf(node, variables) : 0
    const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value)?.selectionSet : node.selectionSet
    return sum + ownRows + (inner ? rowsOf(inner, variables, fragments, depth + 1) : 0)
  }, 0)
}

function firstOf(field: FieldNode, variables: Record<string, unknown>): number {
  const value = field.arguments?.find(({ name }) => name.value === 'first')?.value
  if (value?.kind === Kind.INT) return Number(value.value)
  const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : 0
  return typeof given === 'number' ? given : 0
}
