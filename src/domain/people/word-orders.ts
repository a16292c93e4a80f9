/** Names of more words are searched in this order and in the opposite one only. */
const MAX_WORDS = 4

/** The words of a name in every order, to find it in an index. */
export function wordOrders(name: string): string[] {
  const words = name.split(' ')
  const orders = words.length <= MAX_WORDS ? permutations(words) : [words, words.toReversed()]
  return [...new Set(orders.map((order) => order.join(' ')))]
}

function permutations(words: readonly string[]): string[][] {
  if (words.length <= 1) return [[...words]]
  return words.flatMap((word, index) => permutations(words.toSpliced(index, 1)).map((rest) => [word, ...rest]))
}
