import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

const MUTATION_POINTS = 10
const DEEPEST = 20

/**
 * Points of an operation. Meetup publishes no prices; this one is invented: 1, and 1 for each object asked for, and a
 * tenth of each `first`. A mutation costs 10.
 */
export function priceOf(document: DocumentNode, variables: Record<string, unknown>, operationName?: string): number {
  const operation = getOperationAST(document, operationName)
  if (!operation) return 1
  if (operation.operation === OperationTypeNode.MUTATION) return MUTATION_POINTS
  const fragments = new Map(
    document.definitions.flatMap((node): [string, FragmentDefinitionNode][] =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
  return Math.ceil(1 + selectionPrice(operation.selectionSet, variables, fragments, 0))
}

function selectionPrice(
  { selections }: SelectionSetNode,
  variables: Record<string, unknown>,
  fragments: Map<string, FragmentDefinitionNode>,
  depth: number,
): number {
  if (depth > DEEPEST) return 0
  return selections.reduce((sum, node) => {
    const own = node.kind === Kind.FIELD && node.selectionSet ? 1 + firstOf(node, variables) / 10 : 0
    const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value)?.selectionSet : node.selectionSet
    return sum + own + (inner ? selectionPrice(inner, variables, fragments, depth + 1) : 0)
  }, 0)
}

function firstOf(field: FieldNode, variables: Record<string, unknown>): number {
  const value = field.arguments?.find(({ name }) => name.value === 'first')?.value
  if (value?.kind === Kind.INT) return Number(value.value)
  const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : 0
  return typeof given === 'number' ? given : 0
}
